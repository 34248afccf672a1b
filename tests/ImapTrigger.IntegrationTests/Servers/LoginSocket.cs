using System.Net.Sockets;

namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>A Unix socket on which a server asks whether a password is right: one question and one answer a connection.</summary>
internal sealed class LoginSocket : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Func<Stream, Task> _answer;
    private readonly Task _answering;

    private LoginSocket(string path, Func<Stream, Task> answer)
    {
        _answer = answer;
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        _socket.Listen(64);
        _answering = AnswerAsync();
    }

    public static LoginSocket Listen(string path, Func<Stream, Task> answer) => new(path, answer);

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _answering;
    }

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _socket.AcceptAsync();
                await using var stream = new NetworkStream(client);
                await _answer(stream);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The server is being stopped.
        }
    }
}
