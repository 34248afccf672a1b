using System.Reflection;
using System.Reflection.Emit;
using ImapTrigger.Connections;
using ImapTrigger.Listening;
using ImapTrigger.Triggering;
using ImapTrigger.UnitTests.Mailboxes;
using Microsoft.Azure.WebJobs;
using Microsoft.Extensions.Configuration;
using MimeKit;

namespace ImapTrigger.UnitTests.Triggering;

public sealed class TriggerReaderTests
{
    private static readonly Dictionary<string, string?> Settings = new() { ["Imap"] = "imaps://u:p@h", ["ORDERS"] = "Orders/2026" };

    [Theory]
    [InlineData(nameof(Functions.Event))]
    [InlineData(nameof(Functions.Text))]
    [InlineData(nameof(Functions.Message))]
    [InlineData(nameof(Functions.Bytes))]
    [InlineData(nameof(Functions.Fits))]
    [InlineData(nameof(Functions.FitsByConstructor))]
    public void What_can_be_is_accepted(string function) => Assert.Single(Read(function).Known);

    [Theory]
    [InlineData(nameof(Functions.Number), "cannot be a System.Int32. It may be ImapEvent")]
    [InlineData(nameof(Functions.Many), "One call gets one message")]
    [InlineData(nameof(Functions.List), "One call gets one message")]
    [InlineData(nameof(Functions.ByReference), "cannot be ref, out or in")]
    [InlineData(nameof(Functions.Interface), "cannot be a System.IDisposable")]
    [InlineData(nameof(Functions.TextForList), "a message that has everything cannot fill it: The JSON value could not be converted to System.String. Path: $.from")]
    [InlineData(nameof(Functions.NeverNull), "a message that has nothing but its UID cannot fill it: The JSON value could not be converted to System.Int64. Path: $.size")]
    [InlineData(nameof(Functions.Asks), "a message that has nothing but its UID cannot fill it: Value cannot be null. (Parameter 'subject')")]
    public void What_cannot_be_is_an_error_before_the_first_mail(string function, string problem) => Assert.Contains(problem, Problem(function), StringComparison.Ordinal);

    [Theory]
    [InlineData(nameof(Functions.EndlessRetry), true)]
    [InlineData(nameof(Functions.EndlessBackoff), true)]
    [InlineData(nameof(Functions.SomeRetries), false)]
    public void A_retry_policy_without_an_end_is_refused(string function, bool refused)
    {
        if (refused)
            Assert.Contains("a retry policy without an end (-1)", Problem(function), StringComparison.Ordinal);
        else
            Assert.Single(Read(function).Known);
    }

    [Theory]
    [InlineData(nameof(Returning.Text), true, null)]
    [InlineData(nameof(Returning.Verdict), true, null)]
    [InlineData(nameof(Returning.VerdictLater), true, null)]
    [InlineData(nameof(Returning.Each), true, null)]
    [InlineData(nameof(Returning.Anything), true, null)]
    [InlineData(nameof(Returning.Nothing), false, null)]
    [InlineData(nameof(Returning.NothingLater), false, null)]
    [InlineData(nameof(Returning.OwnOutput), false, null)]
    [InlineData(nameof(Returning.Verdict), false, "it returns MailVerdict, which nobody takes. Set Verdicts = true")]
    [InlineData(nameof(Returning.Number), false, "it returns Int32, which nobody takes. Else return nothing")]
    [InlineData(nameof(Returning.Number), true, "it returns Int32. A verdict is a MailVerdict, or a string")]
    [InlineData(nameof(Returning.Bytes), true, "it returns Byte[]. A verdict is")]
    [InlineData(nameof(Returning.Nothing), true, "it returns nothing")]
    [InlineData(nameof(Returning.NothingLater), true, "it returns nothing")]
    [InlineData(nameof(Returning.OwnOutput), true, "goes to a binding of its own")]
    [InlineData(nameof(Returning.NotAwaited), true, "it returns ValueTask<MailVerdict>, which the host does not await")]
    [InlineData(nameof(Returning.NotAwaitedNothing), false, "it returns ValueTask, which the host does not await")]
    [InlineData(nameof(Returning.Yields), true, "it returns YieldAwaitable, which the host does not await")]
    public void What_a_function_returns_is_a_verdict_or_an_error_before_the_first_mail(string function, bool verdicts, string? problem)
    {
        var parameter = typeof(Returning).GetMethod(function)!.GetParameters()[0];
        var attribute = new ImapIdleTriggerAttribute { Verdicts = verdicts };
        if (problem is null)
            Assert.Equal(verdicts, Reader().Read(parameter, attribute).Actions.Verdicts != ImapTrigger.Delivery.VerdictUse.Off);
        else
            Assert.Contains(problem, Assert.Single(Assert.Throws<SettingsException>(() => Reader().Read(parameter, attribute)).Mistakes).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_is_no_verdict_fails_or_is_ignored_and_nothing_else()
    {
        var parameter = typeof(Returning).GetMethod(nameof(Returning.Text))!.GetParameters()[0];
        Assert.Equal(ImapTrigger.Delivery.VerdictUse.Ignore, Reader().Read(parameter, new ImapIdleTriggerAttribute { Verdicts = true, OnInvalidVerdict = " Ignore" }).Actions.Verdicts);
        var wrong = Assert.Throws<SettingsException>(() => Reader().Read(parameter, new ImapIdleTriggerAttribute { Verdicts = true, OnInvalidVerdict = "poison" }));
        Assert.Contains("OnInvalidVerdict: 'poison' is none of fail, ignore", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void So_is_one_of_the_class()
    {
        var method = typeof(Endless).GetMethod(nameof(Endless.OnMail))!;
        Assert.Contains("a retry policy without an end (-1)", Assert.Throws<SettingsException>(() => Read(method)).Message, StringComparison.Ordinal);
    }

    /// <summary>A Functions host makes a method of its own, in memory, for each function of another process.</summary>
    [Theory]
    [InlineData("node", typeof(Stream), "cannot have the dataType stream")]
    [InlineData("python", typeof(string[]), "no 'cardinality'")]
    [InlineData("node", typeof(string), null)]
    [InlineData("node", typeof(byte[]), null)]
    [InlineData("dotnet", typeof(Stream), null)]
    public void What_a_worker_in_another_process_cannot_get_is_refused(string language, Type type, string? problem)
    {
        var module = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("Host.Functions"), AssemblyBuilderAccess.Run).DefineDynamicModule("m");
        var builder = module.DefineType("OnMail");
        var method = builder.DefineMethod("OnMail", MethodAttributes.Public | MethodAttributes.Static, typeof(void), [type]);
        method.DefineParameter(1, ParameterAttributes.None, "mail");
        method.GetILGenerator().Emit(OpCodes.Ret);
        var parameter = builder.CreateType().GetMethod("OnMail")!.GetParameters()[0];

        var reader = Reader(("FUNCTIONS_WORKER_RUNTIME", language));
        if (problem is null)
            Assert.Single(reader.Read(parameter, new ImapIdleTriggerAttribute()).Known);
        else
            Assert.Contains(problem, Assert.Throws<SettingsException>(() => reader.Read(parameter, new ImapIdleTriggerAttribute())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Null_in_function_json_is_the_default()
    {
        var attribute = new ImapIdleTriggerAttribute(null!) { Connection = null!, OnSuccess = null!, OnPoison = null! };
        var settings = Reader().Read(ParameterOf(nameof(Functions.Event)), attribute);
        Assert.Single(settings.Known);
        Assert.Equal("INBOX", settings.Folder);
        Assert.False(settings.Actions.Any);
    }

    [Fact]
    public void All_mistakes_of_a_function_are_told_at_once()
    {
        var attribute = new ImapIdleTriggerAttribute("%MISSING%") { Connection = "Other", OnSuccess = "sene", OnPoison = "move:" };
        var error = Assert.Throws<SettingsException>(() => Reader().Read(ParameterOf(nameof(Functions.EndlessRetry)), attribute));
        Assert.All(["retry policy", "Folder: '%MISSING%'", "'Other' is missing", "OnSuccess: 'sene'", "OnPoison: 'move:'"], named => Assert.Contains(named, error.Message, StringComparison.Ordinal));
        Assert.Equal(5, error.Mistakes.Count);
    }

    private static string Problem(string function) => Assert.Single(Assert.Throws<SettingsException>(() => Read(function)).Mistakes).Text;

    private static TriggerSettings Read(string function) => Read(typeof(Functions).GetMethod(function)!);

    private static TriggerSettings Read(MethodInfo function)
    {
        var parameter = function.GetParameters()[0];
        return Reader().Read(parameter, parameter.GetCustomAttribute<ImapIdleTriggerAttribute>()!);
    }

    private static ParameterInfo ParameterOf(string function) => typeof(Functions).GetMethod(function)!.GetParameters()[0];

    private static TriggerReader Reader(params (string Name, string Value)[] more)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Settings).AddInMemoryCollection(more.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build();
        return new TriggerReader(Sets.Of(configuration), new Names(configuration), configuration);
    }

    private sealed class Names(IConfiguration configuration) : INameResolver
    {
        public string? Resolve(string name) => configuration[name];
    }

    [FixedDelayRetry(-1, "00:00:01")]
    private static class Endless
    {
        public static void OnMail([ImapIdleTrigger] ImapEvent mail) => _ = mail;
    }

    private static class Functions
    {
        public static void Event([ImapIdleTrigger] ImapEvent mail) => _ = mail;

        public static void Text([ImapIdleTrigger] string mail) => _ = mail;

        public static void Message([ImapIdleTrigger] MimeMessage mail) => _ = mail;

        public static void Bytes([ImapIdleTrigger] byte[] mail) => _ = mail;

        public static void Fits([ImapIdleTrigger] Fitting mail) => _ = mail;

        public static void FitsByConstructor([ImapIdleTrigger] FittingRecord mail) => _ = mail;

        public static void Number([ImapIdleTrigger] int mail) => _ = mail;

        public static void Many([ImapIdleTrigger] ImapEvent[] mail) => _ = mail;

        public static void List([ImapIdleTrigger] IReadOnlyList<ImapEvent> mail) => _ = mail;

        public static void ByReference([ImapIdleTrigger] ref Fitting mail) => _ = mail;

        public static void Interface([ImapIdleTrigger] IDisposable mail) => _ = mail;

        public static void TextForList([ImapIdleTrigger] WithText mail) => _ = mail;

        public static void NeverNull([ImapIdleTrigger] WithSize mail) => _ = mail;

        public static void Asks([ImapIdleTrigger] Asking mail) => _ = mail;

        [FixedDelayRetry(-1, "00:00:01")]
        public static void EndlessRetry([ImapIdleTrigger] ImapEvent mail) => _ = mail;

        [ExponentialBackoffRetry(-1, "00:00:01", "00:01:00")]
        public static void EndlessBackoff([ImapIdleTrigger] ImapEvent mail) => _ = mail;

        [FixedDelayRetry(3, "00:00:01")]
        public static void SomeRetries([ImapIdleTrigger] ImapEvent mail) => _ = mail;
    }

    private static class Returning
    {
        public static string Text([ImapIdleTrigger] ImapEvent mail) => mail.Folder;

        public static MailVerdict Verdict([ImapIdleTrigger] ImapEvent mail) => MailVerdict.Move(mail.Folder);

        public static Task<MailVerdict?> VerdictLater([ImapIdleTrigger] ImapEvent mail) => Task.FromResult<MailVerdict?>(MailVerdict.Move(mail.Folder));

        public static IReadOnlyList<MailVerdict> Each([ImapIdleTrigger] ImapEvent mail) => [MailVerdict.Move(mail.Folder)];

        public static object Anything([ImapIdleTrigger] ImapEvent mail) => mail;

        public static void Nothing([ImapIdleTrigger] ImapEvent mail) => _ = mail;

        public static Task NothingLater([ImapIdleTrigger] ImapEvent mail) => Task.FromResult(mail);

        [return: Blob("mails/{Uid}")]
        public static string OwnOutput([ImapIdleTrigger] ImapEvent mail) => mail.Folder;

        public static int Number([ImapIdleTrigger] ImapEvent mail) => (int)mail.Uid;

        public static byte[] Bytes([ImapIdleTrigger] ImapEvent mail) => [(byte)mail.Uid];

        public static ValueTask<MailVerdict> NotAwaited([ImapIdleTrigger] ImapEvent mail) => ValueTask.FromResult(MailVerdict.Move(mail.Folder));

        public static ValueTask NotAwaitedNothing([ImapIdleTrigger] ImapEvent mail) => new(Task.FromResult(mail));

        public static System.Runtime.CompilerServices.YieldAwaitable Yields([ImapIdleTrigger] ImapEvent mail) => mail is null ? default : Task.Yield();
    }

    [System.AttributeUsage(AttributeTargets.ReturnValue)]
    [Microsoft.Azure.WebJobs.Description.Binding]
    private sealed class BlobAttribute(string path) : Attribute
    {
        public string Path { get; } = path;
    }

    private sealed class Fitting
    {
        public string? Subject { get; set; }

        public DateTimeOffset? Date { get; set; }
    }

    private sealed record FittingRecord(long Uid, string? Subject, long? Size);

    private sealed class WithText
    {
        public string? From { get; set; }
    }

    private sealed class WithSize
    {
        public long Size { get; set; }
    }

    private sealed class Asking
    {
        public Asking(string? subject)
        {
            ArgumentNullException.ThrowIfNull(subject);
            Subject = subject;
        }

        public string Subject { get; }
    }
}
