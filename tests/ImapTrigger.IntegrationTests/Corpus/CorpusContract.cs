using System.Diagnostics;
using System.Text;
using System.Text.Json;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.IntegrationTests.Servers;
using MimeKit;

namespace ImapTrigger.IntegrationTests.Corpus;

/// <summary>Each of the nasty messages with a good mail behind it: every one is delivered or put aside, and no good one is lost or late.</summary>
public abstract class CorpusContract(IMailServer server) : IDisposable
{
    private const int Ended = 305;
    private const int Settled = 408;

    private readonly string _user = $"user-{Guid.NewGuid():N}";
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");

    [Fact]
    public Task As_an_event() => RunAsync<ImapEvent>(typeof(Events), mail => mail.Subject, all: true);

    [Fact]
    public Task As_JSON() => RunAsync<string>(typeof(Texts), mail => JsonDocument.Parse(mail).RootElement.GetProperty("subject").GetString(), all: true);

    [Fact]
    public Task As_a_MimeMessage() => RunAsync<MimeMessage>(typeof(Messages), mail => mail.Subject, all: false);

    [Fact]
    public Task As_bytes() => RunAsync<byte[]>(typeof(Bytes), mail => mail.AsSpan().IndexOf("Subject: good-"u8) is >= 0 and var at ? Encoding.ASCII.GetString(mail, at + 9, 8) : null, all: true);

    public void Dispose()
    {
        _state.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    private async Task RunAsync<T>(Type functions, Func<T, string?> subject, bool all)
    {
        var nasty = NastyMessages.All;
        var inbox = new Inbox<T>();
        await using var app = await (await FunctionApp.StartAsync(
            functions,
            inbox,
            [.. server.Settings(_user), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName)],
            options => options.MaxAttempts = 1)).WatchingAsync();
        var began = Stopwatch.GetTimestamp();
        await server.DeliverAsync(_user, nasty.SelectMany((message, i) => new[] { message.Raw, OddMessages.Plain($"good-{i:D3}") }));

        await inbox.WaitUntilAsync(got => Good(got, distinct: true).Count() == nasty.Count);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{nasty.Count} nasty messages as {typeof(T).Name}: the last good one after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s, {app.Logs.Entries.Count(entry => entry.EventId == Ended)} sessions ended.");
        // None is missing, and none comes twice.
        await app.Logs.WaitForAsync(Settled, 2 * nasty.Count);
        Assert.InRange(nasty.Count, 100, 200);
        Assert.Equal(nasty.Count, Good(inbox.Got, distinct: false).Count());
        Assert.Equal(all, inbox.Got.Count == 2 * nasty.Count);

        IEnumerable<string> Good(IEnumerable<T> got, bool distinct)
        {
            var subjects = got.Select(subject).OfType<string>().Where(text => text.StartsWith("good-", StringComparison.Ordinal));
            return distinct ? subjects.Distinct() : subjects;
        }
    }

    private sealed class Events(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);
    }

    private sealed class Texts(Inbox<string> inbox)
    {
        public void OnMail([ImapIdleTrigger] string mail) => inbox.Add(mail);
    }

    private sealed class Messages(Inbox<MimeMessage> inbox)
    {
        public void OnMail([ImapIdleTrigger] MimeMessage mail) => inbox.Add(mail);
    }

    private sealed class Bytes(Inbox<byte[]> inbox)
    {
        public void OnMail([ImapIdleTrigger] byte[] mail) => inbox.Add(mail);
    }
}
