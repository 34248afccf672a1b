using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ImapTrigger.Testing;

/// <summary>
/// Stands before any TCP server (IMAP, a storage emulator) and lets the network fail on demand: cuts, black holes, delays, half-closed
/// connections. Listens on loopback, on a free port. Thread-safe.
/// </summary>
public sealed class TcpFaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Link, Task> _links = new();
    private readonly string _host;
    private readonly int _port;
    private Task _accepting = Task.CompletedTask;
    private volatile TaskCompletionSource? _hole;

    private TcpFaultProxy(string host, int port)
    {
        _host = host;
        _port = port;
    }

    /// <summary>Where clients connect to, on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How much later each piece arrives, in both directions; zero by default.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>New connections are closed at once.</summary>
    public bool Refuse { get; set; }

    /// <summary>Connections that pass through at present.</summary>
    public int Connections => _links.Count;

    /// <summary>Nothing passes in either direction, and nothing is closed, on old connections and new; what was sent meanwhile arrives when it ends.</summary>
    public bool BlackHole
    {
        get => _hole is not null;
        set
        {
            var before = Interlocked.Exchange(ref _hole, value ? _hole ?? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : null);
            if (!value)
                before?.TrySetResult();
        }
    }

    /// <summary>Starts a proxy.</summary>
    /// <param name="host">The server's host.</param>
    /// <param name="port">The server's port.</param>
    public static TcpFaultProxy Start(string host, int port)
    {
        var proxy = new TcpFaultProxy(host, port);
        proxy._listener.Start();
        proxy._accepting = proxy.AcceptAsync();
        return proxy;
    }

    /// <summary>Resets every connection, on both sides (RST).</summary>
    public void Cut()
    {
        foreach (var link in _links.Keys)
            link.Dispose();
    }

    /// <summary>The clients see the end of the stream, while what they send still arrives.</summary>
    public void HalfClose()
    {
        foreach (var link in _links.Keys)
            link.HalfClose();
    }

    /// <summary>Cuts all connections and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        BlackHole = false;
        Cut();
        await _accepting;
        await Task.WhenAll(_links.Values);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptSocketAsync(_stopping.Token);
                if (Refuse)
                {
                    client.Close(0);
                    continue;
                }

                var link = new Link(this, client);
                _links[link] = Task.CompletedTask;
                _links[link] = ServeAsync(link);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Link link)
    {
        await Task.Yield();
        try
        {
            await link.RunAsync(_host, _port, _stopping.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One side has gone, and the other with it.
        }
        finally
        {
            link.Dispose();
            _links.TryRemove(link, out _);
        }
    }

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        while (_hole is { } hole)
            await hole.Task.WaitAsync(cancellationToken);
        if (Delay > TimeSpan.Zero)
            await Task.Delay(Delay, cancellationToken);
    }

    /// <summary>A client and its connection to the server.</summary>
    private sealed class Link(TcpFaultProxy proxy, Socket client) : IDisposable
    {
        private readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        public async Task RunAsync(string host, int port, CancellationToken cancellationToken)
        {
            client.NoDelay = true;
            await proxy.PassAsync(cancellationToken);
            await _server.ConnectAsync(host, port, cancellationToken);
            await Task.WhenAll(PumpAsync(client, _server, cancellationToken), PumpAsync(_server, client, cancellationToken));
        }

        public void Dispose()
        {
            // No time to linger: the other side gets a RST.
            client.Close(0);
            _server.Close(0);
        }

        public void HalfClose() => client.Shutdown(SocketShutdown.Send);

        private async Task PumpAsync(Socket from, Socket to, CancellationToken cancellationToken)
        {
            var buffer = new byte[16 * 1024];
            while (true)
            {
                var read = await from.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
                await proxy.PassAsync(cancellationToken);
                if (read == 0)
                {
                    to.Shutdown(SocketShutdown.Send);
                    return;
                }

                for (var sent = 0; sent < read;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), SocketFlags.None, cancellationToken);
            }
        }
    }
}
