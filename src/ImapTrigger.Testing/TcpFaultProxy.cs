using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ImapTrigger.Testing;

/// <summary>
/// Stands before any TCP server (IMAP, a storage emulator) and lets the network fail on demand: cuts, black holes, lost packets, delays,
/// half-closed connections. Listens on loopback, on a free port. Thread-safe.
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
    private volatile TcpFaultDirections _discard;

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

    /// <summary>
    /// What goes in these directions is read and thrown away, as by a network that drops packets: nobody is told, not of an end or a reset either. With
    /// <see cref="TcpFaultDirections.Both"/> new connections are accepted and never answered; a <see cref="Cut"/> after it is "reset, then silent". When it ends, new connections pass,
    /// and those that have lost bytes stay silent (a stream has no gaps) until one side ends them: then the other is reset.
    /// </summary>
    public TcpFaultDirections Discard
    {
        get => _discard;
        set
        {
            _discard = value;
            foreach (var link in _links.Keys)
                link.ResetIfUntold();
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
        private volatile bool _untold;

        public async Task RunAsync(string host, int port, CancellationToken cancellationToken)
        {
            client.NoDelay = true;
            await proxy.PassAsync(cancellationToken);
            if (proxy.Discard == TcpFaultDirections.Both)
            {
                await IgnoreAsync(cancellationToken);
                return;
            }

            await _server.ConnectAsync(host, port, cancellationToken);
            await Task.WhenAll(
                PumpAsync(client, _server, TcpFaultDirections.ToServer, cancellationToken), PumpAsync(_server, client, TcpFaultDirections.ToClient, cancellationToken));
        }

        public void Dispose()
        {
            // No time to linger: the other side gets a RST.
            client.Close(0);
            _server.Close(0);
        }

        public void HalfClose() => client.Shutdown(SocketShutdown.Send);

        /// <summary>Once packets pass again, whoever asks a side that has gone meanwhile gets a RST.</summary>
        public void ResetIfUntold()
        {
            if (_untold && proxy.Discard == TcpFaultDirections.None)
                Dispose();
        }

        /// <summary>Reads until the client gives up; no server has heard of it.</summary>
        private async Task IgnoreAsync(CancellationToken cancellationToken)
        {
            var buffer = new byte[16 * 1024];
            while (await client.ReceiveAsync(buffer, SocketFlags.None, cancellationToken) > 0)
            {
            }
        }

        private async Task PumpAsync(Socket from, Socket to, TcpFaultDirections direction, CancellationToken cancellationToken)
        {
            var buffer = new byte[16 * 1024];
            var lost = false;
            while (true)
            {
                var read = await ReceiveAsync(from, buffer, cancellationToken);
                await proxy.PassAsync(cancellationToken);
                lost |= proxy.Discard.HasFlag(direction);
                if (read > 0)
                {
                    lost = lost || !await SendAsync(to, buffer.AsMemory(0, read.Value), cancellationToken);
                    continue;
                }

                if (lost)
                {
                    _untold = true;
                    ResetIfUntold();
                }
                else if (read == 0)
                {
                    to.Shutdown(SocketShutdown.Send);
                }
                else
                {
                    Dispose();
                }

                return;
            }
        }

        /// <summary>How much came; 0 at the end, null at a reset.</summary>
        private static async Task<int?> ReceiveAsync(Socket from, byte[] buffer, CancellationToken cancellationToken)
        {
            try
            {
                return await from.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
            }
            catch (SocketException)
            {
                return null;
            }
        }

        /// <summary>False when the other side has gone: who reads from it will see how.</summary>
        private static async Task<bool> SendAsync(Socket to, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            try
            {
                for (var sent = 0; sent < bytes.Length;)
                    sent += await to.SendAsync(bytes[sent..], SocketFlags.None, cancellationToken);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }
}
