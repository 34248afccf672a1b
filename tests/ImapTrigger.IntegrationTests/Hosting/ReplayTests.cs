using System.Globalization;
using System.Text;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.Supervision;
using ImapTrigger.Testing;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>Poison is never a loss: what cannot be put aside whole stays in the mailbox, and what is to come back comes back whatever happens meanwhile.</summary>
public sealed class ReplayTests : IAsyncDisposable
{
    private static readonly Backoff Quick = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20));
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");
    private readonly ImapTestServer _server = ImapTestServer.Start();
    private readonly ImapTestAccount _account;

    public ReplayTests() => _account = _server.AddAccount("ann", "secret");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stop_in_the_middle_leaves_the_rest_to_be_taken_and_what_cannot_be_read_is_kept()
    {
        var inbox = new Inbox<ImapEvent> { Fails = _ => true };
        await using (var app = await StartAsync(inbox))
        {
            for (var i = 0; i < 3; i++)
                _account.Inbox.Append(OddMessages.Plain($"n{i}"));
            await app.Logs.WaitForAsync(404, 3);
        }

        var poisoned = Files("poison", "*.json");
        Assert.Equal(3, poisoned.Length);
        foreach (var file in poisoned)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(ReplayOf(file))!);
            File.Copy(file, ReplayOf(file));
        }

        var broken = Path.Combine(Path.GetDirectoryName(ReplayOf(poisoned[0]))!, "0-0.json");
        await File.WriteAllTextAsync(broken, "{ \"event\": ", Token);

        // The first of them runs until the stop.
        var blocked = new Blocked();
        await using (var app = await StartAsync(blocked))
        {
            await blocked.Began.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
            await app.Logs.WaitForAsync(411);
        }

        // It was cancelled and put back, and the others wait where they were.
        Assert.Equal(1, blocked.Calls);
        Assert.Equal(4, Files("replay", "*.json").Length);
        Assert.Equal(3, Files("poison", "*.json").Length);

        var later = new Inbox<ImapEvent>();
        await using (var app = await StartAsync(later))
            await app.Logs.WaitForAsync(408, 3);
        Assert.Equal(3, later.Got.Count);
        Assert.Equal([broken], Files("replay", "*.json"));
        Assert.Equal("{ \"event\": ", await File.ReadAllTextAsync(broken, Token));
        Assert.Empty(Files("poison", "*.json"));
    }

    [Fact]
    public async Task A_message_whose_raw_form_cannot_be_read_stays_in_the_mailbox_when_it_is_put_aside()
    {
        // A server that ends the connection over this one message, whole.
        _server.Faults.Answer = command => command.Text.Contains("BODY.PEEK[]", StringComparison.Ordinal) ? new MemoryStream(Encoding.ASCII.GetBytes("* BYE\r\n")) : null;
        var inbox = new Inbox<ImapEvent> { Fails = _ => true };
        await using var app = await StartAsync(inbox, onPoison: "delete");
        _account.Inbox.Append(OddMessages.Plain("bad"));
        await app.Logs.WaitForAsync(413);
        await app.Logs.WaitForAsync(408);
        Assert.Single(_account.Inbox.Messages);
        Assert.Empty(Files("poison", "*.eml"));
        Assert.Contains("\"noRawMessage\": \"", await File.ReadAllTextAsync(Assert.Single(Files("poison", "*.json")), Token), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _state.Delete(recursive: true);
    }

    private static string ReplayOf(string poisoned) => poisoned.Replace("/poison/", "/replay/", StringComparison.Ordinal);

    private string[] Files(string folder, string pattern) =>
        Directory.Exists(Path.Combine(_state.FullName, folder)) ? [.. Directory.GetFiles(Path.Combine(_state.FullName, folder), pattern, SearchOption.AllDirectories).Order()] : [];

    private async Task<FunctionApp> StartAsync(object inbox, string onPoison = "none") => await (await FunctionApp.StartAsync(
        inbox is Blocked ? typeof(BlockedFunctions) : typeof(Functions),
        inbox,
        [
            new("Imap:host", _server.Host), new("Imap:port", _server.Port.ToString(CultureInfo.InvariantCulture)), new("Imap:security", "none"),
            new("Imap:userName", "ann"), new("Imap:password", "secret"), new("ON_POISON", onPoison),
            new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName),
        ],
        options => options.MaxAttempts = 1,
        Quick)).WatchingAsync();

    private sealed class Functions(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger(OnPoison = "%ON_POISON%", StateName = "replayed")] ImapEvent mail) => inbox.Add(mail);
    }

    private sealed class BlockedFunctions(Blocked blocked)
    {
        public async Task OnMail([ImapIdleTrigger(StateName = "replayed")] ImapEvent mail, CancellationToken cancellationToken)
        {
            blocked.Begin(mail);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }

    private sealed class Blocked
    {
        private int _calls;

        public TaskCompletionSource Began { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Calls => _calls;

        public void Begin(ImapEvent mail)
        {
            Interlocked.Increment(ref _calls);
            Began.TrySetResult();
        }
    }
}
