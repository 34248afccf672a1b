using System.Globalization;
using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.IntegrationTests.Servers;
using ImapTrigger.Testing;

namespace ImapTrigger.IntegrationTests.Chaos;

/// <summary>One host process after another, with a way of their own to the mail server and one to the storage.</summary>
internal sealed class ChaosHost(DovecotServer dovecot, AzuriteServer azurite, string user) : IAsyncDisposable
{
    private readonly TcpFaultProxy _toMail = TcpFaultProxy.Start("127.0.0.1", dovecot.TlsPort);
    private readonly TcpFaultProxy _toStorage = TcpFaultProxy.Start("127.0.0.1", azurite.Port);
    private HostProcess? _process;

    public HostProcess Process => _process ?? throw new InvalidOperationException("Not started.");

    public bool IsOwner => !Process.HasExited && Process.Output.Lines.LastOrDefault(line => line.EventId is 200 or 202 or 203)?.EventId == 200;

    public HostProcess Start() => _process = HostProcess.Start(
    [
        .. dovecot.Settings(user).Where(setting => setting.Key != "Imap:port"), new("Imap:port", _toMail.Port.ToString(CultureInfo.InvariantCulture)),
        new("AzureWebJobsStorage", azurite.ConnectionStringAt(_toStorage.Port)), new("AzureWebJobs:extensions:imapIdle:idleRenewal", "00:00:15"),
    ]);

    /// <summary>The fault begins on the ways named.</summary>
    public void Fail(ChaosAction action, ChaosPath path)
    {
        foreach (var way in Ways(path))
        {
            way.BlackHole = action == ChaosAction.Hold;
            way.Discard = action switch
            {
                ChaosAction.Drop or ChaosAction.ResetThenSilent => TcpFaultDirections.Both,
                ChaosAction.DropSent => TcpFaultDirections.ToServer,
                ChaosAction.DropAnswers => TcpFaultDirections.ToClient,
                _ => TcpFaultDirections.None,
            };
            if (action is ChaosAction.Cut or ChaosAction.ResetThenSilent)
                way.Cut();
        }
    }

    /// <summary>All is well again on the ways named.</summary>
    public void Mend(ChaosPath path)
    {
        foreach (var way in Ways(path))
        {
            way.BlackHole = false;
            way.Discard = TcpFaultDirections.None;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        await _toMail.DisposeAsync();
        await _toStorage.DisposeAsync();
    }

    private IEnumerable<TcpFaultProxy> Ways(ChaosPath path)
    {
        if (path.HasFlag(ChaosPath.Mail))
            yield return _toMail;
        if (path.HasFlag(ChaosPath.Storage))
            yield return _toStorage;
    }
}
