using System.Text;
using ImapTrigger.Hosting;
using Microsoft.Extensions.Configuration;

namespace ImapTrigger.UnitTests.Hosting;

public sealed class ImapIdleOptionsTests
{
    [Fact]
    public void Defaults_are_valid() => Assert.Empty(Problems(new ImapIdleOptions()));

    [Fact]
    public void Every_wrong_setting_of_the_code_is_named_in_its_words_with_its_bounds()
    {
        var problems = Problems(new ImapIdleOptions
        {
            IdleRenewal = TimeSpan.FromMinutes(21), PollInterval = TimeSpan.Zero, MaxConcurrentCalls = 0, Container = null!, StateName = "", LocalStatePath = "", FlushInterval = TimeSpan.FromHours(1),
            OnUidValidityChange = (UidValidityPolicy)7,
        });
        Assert.Equal(8, problems.Length);
        Assert.Contains("ImapIdleOptions.IdleRenewal: is 00:21:00, but must be from 00:00:10 to 00:20:00.", problems);
        Assert.DoesNotContain(problems, problem => problem.Contains("host.json", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_left_out_empty_or_null_is_the_default()
    {
        var options = Read("""{ "container": null, "maxAttempts": null, "idleRenewal": "", "onUidValidityChange": null, "stateName": null, "localStatePath": "" }""");
        Assert.Empty(Problems(options));
        Assert.Equal(("imap-trigger", 5, TimeSpan.FromMinutes(9)), (options.Container, options.MaxAttempts, options.IdleRenewal));
        Assert.Null(options.StateName);
        Assert.Null(options.LocalStatePath);
    }

    [Fact]
    public void What_is_there_is_read()
    {
        var options = Read("""{ "container": "mine", "MAXATTEMPTS": 7, "idleRenewal": "00:05:00", "onUidValidityChange": "startOver" }""");
        Assert.Empty(Problems(options));
        Assert.Equal(("mine", 7, TimeSpan.FromMinutes(5), UidValidityPolicy.StartOver), (options.Container, options.MaxAttempts, options.IdleRenewal, options.OnUidValidityChange));
    }

    [Theory]
    [InlineData("""{ "maxAttempts": "many" }""", "maxAttempts: 'many' is not a whole number.")]
    [InlineData("""{ "maxAttempts": 2.5 }""", "maxAttempts: '2.5' is not a whole number.")]
    [InlineData("""{ "maxAttempts": 0 }""", "maxAttempts: is 0, but must be from 1 to 100.")]
    [InlineData("""{ "idleRenewal": "soon" }""", "idleRenewal: 'soon' is not a time such as 00:09:00.")]
    [InlineData("""{ "idleRenewal": 9 }""", "idleRenewal: is 9.00:00:00, but must be from 00:00:10 to 00:20:00.")]
    [InlineData("""{ "onUidValidityChange": 1 }""", "onUidValidityChange: '1' is not one of continue, startOver, skip.")]
    [InlineData("""{ "onUidValidityChange": "startOver,skip" }""", "onUidValidityChange: 'startOver,skip' is not one of continue, startOver, skip.")]
    [InlineData("""{ "container": { "name": "x" } }""", "container is one value, but there is name in it.")]
    [InlineData("""{ "maxAttempts": [5] }""", "maxAttempts is one value, but there is 0 in it.")]
    [InlineData("""{ "container": "imap-trigger\n" }""", "container: must be a container name: 3 to 63 lower-case letters, digits and single hyphens.")]
    [InlineData("\"on\"", " is a section of settings, not one value.")]
    public void What_cannot_be_is_told_in_the_words_of_host_json(string section, string problem) =>
        Assert.Equal($"host.json, extensions.imapIdle{(problem[0] == ' ' ? "" : ".")}{problem}", Assert.Single(Problems(Read(section))));

    [Fact]
    public void All_mistakes_are_told_at_once() =>
        Assert.Equal(4, Problems(Read("""{ "pollIntervall": "00:01:00", "maxAttempts": "many", "idleRenewal": "01:00:00", "container": "No" }""")).Length);

    [Fact]
    public void What_the_code_changed_afterwards_is_the_code_s()
    {
        var options = Read("""{ "maxAttempts": 7, "pollInterval": "10:00:00" }""");
        options.MaxAttempts = 700;
        Assert.Equal(
            ["host.json, extensions.imapIdle.pollInterval: is 10:00:00, but must be from 00:00:01 to 01:00:00.", "ImapIdleOptions.MaxAttempts: is 700, but must be from 1 to 100."], Problems(options));
    }

    [Theory]
    [InlineData("""{ "extensions": { "imapIdle": {}, "http": { "x": 1 }, "blobs": {} }, "logging": { "logLevel": { "Host.Triggers.ImapIdle": "Warning" } } }""", null)]
    [InlineData("""{ "extensions": { "IMAPIDLE": { "x": 1 } } }""", null)]
    [InlineData("""{ "extensions": { "imapIdel": { "maxAttempts": 3 } } }""", "extensions.imapIdel")]
    [InlineData("""{ "extensions": { "imap-idle": { "maxAttempts": 3 } } }""", "extensions.imap-idle")]
    [InlineData("""{ "extensions": { "imapTrigger": { "maxAttempts": 3 } } }""", "extensions.imapTrigger")]
    [InlineData("""{ "imapIdle": { "maxAttempts": 3 } }""", "imapIdle")]
    [InlineData("""{ "extension": { "imapIdle": { "maxAttempts": 3 } } }""", "extension.imapIdle")]
    public void A_section_that_is_misspelt_or_elsewhere_is_told(string hostJson, string? named) =>
        Assert.Equal(
            named is null ? [] : [$"host.json, {named} is not read: the section is extensions.imapIdle."],
            MisspeltSections.Of(new ConfigurationBuilder().AddJsonStream(Json($$"""{ "AzureWebJobs": {{hostJson}} }""")).Build()));

    private static string[] Problems(ImapIdleOptions options) => [.. new ImapIdleOptionsValidation().Validate(null, options).Failures ?? []];

    private static ImapIdleOptions Read(string section)
    {
        var options = new ImapIdleOptions();
        ImapIdleSection.Bind(new ConfigurationBuilder().AddJsonStream(Json($$"""{ "imapIdle": {{section}} }""")).Build().GetSection("imapIdle"), options);
        return options;
    }

    private static MemoryStream Json(string text) => new(Encoding.UTF8.GetBytes(text));
}
