using ImapTrigger.Imap;
using ImapTrigger.Testing;

namespace ImapTrigger.Benchmarks;

/// <summary>The same loop by the public session API, without a host.</summary>
internal sealed class SessionLoop : IContestant
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ImapSession _session;
    private Task _running = Task.CompletedTask;

    private SessionLoop(ImapSession session, ImapTestFolder inbox)
    {
        _session = session;
        Inbox = inbox;
    }

    public string Name => "ImapSession loop";

    public ImapTestFolder Inbox { get; }

    public Arrival Arrival { get; } = new();

    public static async Task<SessionLoop> StartAsync(ImapTestServer server, ImapTestAccount account)
    {
        var session = await ImapSession.ConnectAsync(new ImapAccount
        {
            Host = server.Host,
            Port = server.TlsPort,
            Security = ImapSecurity.Tls,
            UserName = account.UserName,
            Password = account.Password,
            CertificateFingerprint = server.CertificateFingerprint,
        });
        await session.SelectAsync("INBOX");
        var loop = new SessionLoop(session, account.Inbox);
        loop._running = loop.RunAsync();
        return loop;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        await _session.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        var last = 0u;
        try
        {
            while (true)
            {
                await _session.Idle.StartAsync(_stopping.Token);
                await _session.Idle.CheckAsync(TimeSpan.FromMinutes(1), _stopping.Token);
                await _session.Idle.DoneAsync();
                foreach (var mail in await _session.FetchAsync(last, _stopping.Token))
                {
                    last = mail.Uid;
                    Arrival.Now();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the benchmark.
        }
    }
}
