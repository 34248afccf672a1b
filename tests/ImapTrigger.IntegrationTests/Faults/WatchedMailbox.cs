using System.Globalization;
using ImapTrigger.Hosting;
using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.Testing;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>A function that watches a mailbox of the in-process server, whose faults the test chooses; its clock may be the test's.</summary>
internal sealed class WatchedMailbox : IAsyncDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");
    private FunctionApp? _app;

    private WatchedMailbox(ImapTestServerOptions? options)
    {
        Server = ImapTestServer.Start(options);
        Account = Server.AddAccount("ann", "secret");
    }

    public ImapTestServer Server { get; }

    public ImapTestAccount Account { get; }

    public Inbox<ImapEvent> Inbox { get; } = new();

    public LogBook Logs => _app!.Logs;

    public ImapTestFaults Faults => Server.Faults;

    public static WatchedMailbox Create(ImapTestServerOptions? options = null) => new(options);

    /// <summary>Starts a host that watches it, and waits until it does.</summary>
    public static async Task<WatchedMailbox> StartAsync(Action<ImapIdleOptions>? configure = null, FakeTimeProvider? time = null, int? port = null)
    {
        var mailbox = Create();
        await mailbox.RunAsync(configure, time, port);
        await mailbox.Logs.WaitForAsync(300);
        await mailbox.Account.Inbox.WaitForIdleAsync(TestContext.Current.CancellationToken);
        return mailbox;
    }

    /// <summary>Stops the host; what comes meanwhile is for the next one.</summary>
    public async Task StopAsync()
    {
        await _app!.DisposeAsync();
        _app = null;
    }

    public async Task RunAsync(Action<ImapIdleOptions>? configure = null, FakeTimeProvider? time = null, int? port = null) =>
        _app = await FunctionApp.StartAsync(
            typeof(Functions),
            Inbox,
            [
                new("Imap:host", "127.0.0.1"), new("Imap:port", (port ?? Server.Port).ToString(CultureInfo.InvariantCulture)), new("Imap:security", "none"),
                new("Imap:userName", "ann"), new("Imap:password", "secret"), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName),
            ],
            configure,
            time: time);

    public void Append(params string[] subjects)
    {
        foreach (var subject in subjects)
            Account.Inbox.Append($"Subject: {subject}\r\nMessage-ID: <{subject}@example.org>\r\n\r\nHi\r\n");
    }

    /// <summary>Waits for so many deliveries, and says which came, in order.</summary>
    public async Task<IEnumerable<string?>> SubjectsAsync(int count) => (await Inbox.WaitForAsync(count)).Select(mail => mail.Subject);

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        await Server.DisposeAsync();
        _state.Delete(recursive: true);
    }

    private sealed class Functions(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);
    }
}
