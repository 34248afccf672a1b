using System.Reflection;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace ImapTrigger.WorkerTests;

/// <summary>The isolated worker's side is the same as the extension's: names, types, defaults, JSON.</summary>
public sealed class WorkerTests
{
    private static readonly JsonSerializerOptions WithoutCase = new() { PropertyNameCaseInsensitive = true };
    private const BindingFlags Own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    [Fact]
    public void The_two_attributes_have_the_same_properties_types_and_defaults()
    {
        Assert.Equal(Shape(new ImapIdleTriggerAttribute()), Shape(new Worker.ImapIdleTriggerAttribute()));
        Assert.Equal(Constructor(typeof(ImapIdleTriggerAttribute)), Constructor(typeof(Worker.ImapIdleTriggerAttribute)));

        static IEnumerable<string> Shape(Attribute attribute) =>
            attribute.GetType().GetProperties(Own).Select(property => $"{property.PropertyType} {property.Name} = {property.GetValue(attribute)}, {property.CanWrite}").Order();

        static IEnumerable<string> Constructor(Type type) =>
            type.GetConstructors().Single().GetParameters().Select(parameter => $"{parameter.ParameterType} {parameter.Name} = {parameter.DefaultValue}");
    }

    [Theory]
    [InlineData(typeof(ImapEvent), typeof(Worker.ImapEvent))]
    [InlineData(typeof(ImapAddress), typeof(Worker.ImapAddress))]
    [InlineData(typeof(ImapAttachment), typeof(Worker.ImapAttachment))]
    [InlineData(typeof(ImapAuthentication), typeof(Worker.ImapAuthentication))]
    public void The_two_models_have_the_same_properties(Type extension, Type worker)
    {
        Assert.Equal(Shape(extension), Shape(worker));

        static IEnumerable<string> Shape(Type type) =>
            type.GetProperties(Own).Select(property => $"{property.PropertyType} {property.Name}".Replace("ImapTrigger.Worker.", "ImapTrigger.", StringComparison.Ordinal)).Order();
    }

    [Fact]
    public void The_two_models_have_the_same_words()
    {
        Assert.Equal(Enum.GetNames<ImapMessageKind>(), Enum.GetNames<Worker.ImapMessageKind>());
        Assert.Equal(Enum.GetNames<ImapAuthenticationResult>(), Enum.GetNames<Worker.ImapAuthenticationResult>());
    }

    [Fact]
    public void Both_sides_read_and_write_the_golden_JSON()
    {
        // As the host writes it, and as the worker's serializer reads it: names without case.
        var golden = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "event.json")).Trim();
        var extension = JsonSerializer.Deserialize<ImapEvent>(golden, JsonSerializerOptions.Web);
        Assert.Equal(golden, JsonSerializer.Serialize(extension, JsonSerializerOptions.Web));
        var worker = JsonSerializer.Deserialize<Worker.ImapEvent>(golden, WithoutCase);
        Assert.Equal(golden, JsonSerializer.Serialize(worker, JsonSerializerOptions.Web));
        Assert.All(typeof(Worker.ImapEvent).GetProperties(Own), property => Assert.NotNull(property.GetValue(worker)));
    }

    [Fact]
    public void The_two_verdicts_are_built_by_the_same_words()
    {
        Assert.Equal(Shape(typeof(MailVerdict)).Except(["ImapTrigger.MailVerdict Parse(System.String)", "Boolean TryParse(System.String, ImapTrigger.MailVerdict ByRef)"]), Shape(typeof(Worker.MailVerdict)));

        static IEnumerable<string> Shape(Type type) => type.GetMethods(Own | BindingFlags.Static).Where(method => method.Name != "ToString")
            .Select(method => method.ToString()!.Replace("ImapTrigger.Worker.", "ImapTrigger.", StringComparison.Ordinal)).Order();
    }

    /// <summary>As the worker writes a return value, the host makes a JObject of it, and the extension reads its text.</summary>
    [Fact]
    public void What_an_isolated_function_returns_is_read_as_it_was_meant()
    {
        Assert.All(
            new (Worker.MailVerdict Said, string Read)[]
            {
                (Worker.MailVerdict.Done, "done"),
                (Worker.MailVerdict.Move("A;B").And(Worker.MailVerdict.Seen).And(Worker.MailVerdict.Keyword("x")), MailVerdict.Seen.And(MailVerdict.Keyword("x")).And(MailVerdict.Move("A;B")).ToString()),
                (Worker.MailVerdict.Copy("A").And(Worker.MailVerdict.Delete), "copy:A; delete"),
                (Worker.MailVerdict.RetryAfter(TimeSpan.FromMinutes(10), "busy", countsAsAttempt: true), MailVerdict.RetryAfter(TimeSpan.FromMinutes(10), "busy", countsAsAttempt: true).ToString()),
                (Worker.MailVerdict.RetryAfter(TimeSpan.FromMinutes(10)), MailVerdict.RetryAfter(TimeSpan.FromMinutes(10)).ToString()),
                (Worker.MailVerdict.Poison("no"), MailVerdict.Poison("no").ToString()),
                (Worker.MailVerdict.Poison(), MailVerdict.Poison().ToString()),
            },
            verdict => Assert.Equal(verdict.Read, MailVerdict.Parse(JsonSerializer.Serialize(verdict.Said)).ToString()));
        Assert.Throws<InvalidOperationException>(() => Worker.MailVerdict.Seen.And(Worker.MailVerdict.Poison()));
        Assert.Throws<ArgumentException>(() => Worker.MailVerdict.Move(" "));
    }

    [Fact]
    public void The_package_that_the_host_loads_is_ours_in_its_version()
    {
        var information = typeof(Worker.ImapEvent).Assembly.GetCustomAttribute<ExtensionInformationAttribute>()!;
        var version = typeof(ImapEvent).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
        Assert.Equal(("ImapTrigger", version), (information.ExtensionPackage, information.ExtensionVersion));
    }

    [Fact]
    public void Retry_policies_are_allowed() =>
        Assert.Equal([KnownBindingCapabilities.FunctionLevelRetry], typeof(Worker.ImapIdleTriggerAttribute).GetCustomAttribute<BindingCapabilitiesAttribute>()!.Capabilities);
}
