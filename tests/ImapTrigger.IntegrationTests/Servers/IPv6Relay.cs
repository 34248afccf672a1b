using System.Net;
using System.Net.Sockets;

namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>Brings a server of 127.0.0.1 to ::1, as far as a test needs it.</summary>
internal sealed class IPv6Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.IPv6Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly int _target;
    private Task _accepting = Task.CompletedTask;

    private IPv6Relay(int target) => _target = target;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public static IPv6Relay Start(int target)
    {
        var relay = new IPv6Relay(target);
        try
        {
            relay._listener.Start();
        }
        catch (SocketException e)
        {
            Assert.Skip($"This machine has no ::1: {e.SocketErrorCode}.");
        }

        relay._accepting = relay.AcceptAsync();
        return relay;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var links = new List<Task>();
        try
        {
            while (true)
                links.Add(LinkAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(links);
        }
    }

    private async Task LinkAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        await far.ConnectAsync(IPAddress.Loopback, _target);
        try
        {
            await Task.WhenAny(near.GetStream().CopyToAsync(far.GetStream(), _stopping.Token), far.GetStream().CopyToAsync(near.GetStream(), _stopping.Token));
        }
        catch (OperationCanceledException)
        {
        }
    }
}
