using System.Net;
using System.Net.Sockets;
using System.Text;
using ImapTrigger.Testing;

namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>Packets that the proxy drops, and connections that it resets and never answers again.</summary>
public sealed class TcpFaultProxyTests : IAsyncDisposable
{
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly TcpFaultProxy _proxy;

    public TcpFaultProxyTests()
    {
        _server.Start();
        _proxy = TcpFaultProxy.Start("127.0.0.1", ((IPEndPoint)_server.LocalEndpoint).Port);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(TcpFaultDirections.ToServer)]
    [InlineData(TcpFaultDirections.ToClient)]
    public async Task What_is_dropped_one_way_never_arrives_while_the_other_way_passes(TcpFaultDirections direction)
    {
        using var client = await ConnectAsync();
        using var server = await AcceptAsync();
        var (speaker, hearer) = direction == TcpFaultDirections.ToServer ? (client, server) : (server, client);
        await SendAsync(speaker, "before");
        Assert.Equal("before", await ReceiveAsync(hearer));

        _proxy.Discard = direction;
        await SendMuchAsync(speaker);
        await SendAsync(hearer, "other way");
        Assert.Equal("other way", await ReceiveAsync(speaker));

        // A stream has no gaps: what comes after bytes that are lost does not arrive either, and who waits for it is told by the end of the other side.
        _proxy.Discard = TcpFaultDirections.None;
        await SendAsync(speaker, "after");
        speaker.Close();
        Assert.Null(await ReceiveAsync(hearer));
        await PassesAsync();
    }

    [Fact]
    public async Task Reset_and_then_silent_until_it_ends()
    {
        using var client = await ConnectAsync();
        using var server = await AcceptAsync();
        _proxy.Discard = TcpFaultDirections.Both;
        _proxy.Cut();
        Assert.Null(await ReceiveAsync(client));
        Assert.Null(await ReceiveAsync(server));

        using var ignored = await ConnectAsync();
        await SendMuchAsync(ignored);
        var answer = ReceiveAsync(ignored);
        _proxy.Discard = TcpFaultDirections.None;
        await PassesAsync();
        Assert.False(answer.IsCompleted);
        ignored.Shutdown(SocketShutdown.Send);
        Assert.Null(await answer);
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _server.Dispose();
    }

    private async Task PassesAsync()
    {
        using var client = await ConnectAsync();
        using var server = await AcceptAsync();
        await SendAsync(client, "question");
        Assert.Equal("question", await ReceiveAsync(server));
        await SendAsync(server, "answer");
        Assert.Equal("answer", await ReceiveAsync(client));
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, _proxy.Port, Token);
        return socket;
    }

    private async Task<Socket> AcceptAsync() => await _server.AcceptSocketAsync(Token);

    private static async Task SendAsync(Socket socket, string text) => await socket.SendAsync(Encoding.ASCII.GetBytes(text), SocketFlags.None, Token);

    /// <summary>More than the system's buffers hold: when it is sent, the proxy has read.</summary>
    private static async Task SendMuchAsync(Socket socket)
    {
        for (var i = 0; i < 32; i++)
            await socket.SendAsync(new byte[1024 * 1024], SocketFlags.None, Token);
    }

    /// <summary>What comes next; null at the end of the stream or a reset.</summary>
    private static async Task<string?> ReceiveAsync(Socket socket)
    {
        try
        {
            var buffer = new byte[100];
            var read = await socket.ReceiveAsync(buffer, SocketFlags.None, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token);
            return read > 0 ? Encoding.ASCII.GetString(buffer, 0, read) : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
