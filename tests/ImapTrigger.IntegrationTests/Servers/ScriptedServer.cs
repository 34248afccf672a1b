using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>Says what a test tells it to, line by line: for what no server does on demand, such as odd greetings and capabilities.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<string> _commands = new();
    private readonly string _greeting;
    private readonly Func<string, string, string?> _answer;
    private readonly Task _accepting;

    /// <param name="greeting">The first line; BYE ends the connection.</param>
    /// <param name="answer">Gets tag and command (a line without a space is a tag alone: the answer to a "+"), returns lines; null, and what begins with BYE, ends the connection.</param>
    /// <param name="address">Where it listens; 127.0.0.1 by default.</param>
    public ScriptedServer(string greeting, Func<string, string, string?> answer, IPAddress? address = null)
    {
        _listener = new TcpListener(address ?? IPAddress.Loopback, 0);
        _greeting = greeting;
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>All lines of all connections, without tags.</summary>
    public IReadOnlyCollection<string> Commands => _commands;

    /// <summary>With it, TLS begins after an answer to STARTTLS that has an OK in it.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>With it, TLS begins with the first byte.</summary>
    public X509Certificate2? CertificateAtOnce { get; init; }

    public ImapAccount Account(ImapSecurity security = ImapSecurity.None) => new()
    {
        Host = "127.0.0.1",
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
        Security = security,
        UserName = "ann",
        Password = "secret-0815",
    };

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        // Stopped after it: a listener that is stopped between two accepts throws.
        await _accepting;
        _listener.Stop();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
                serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var closing = client;
        try
        {
            Stream stream = client.GetStream();
            if (CertificateAtOnce is not null)
                stream = await ProtectAsync(stream, CertificateAtOnce);
            var lines = new StreamReader(stream, Encoding.UTF8);
            var goesOn = await SayAsync(stream, _greeting);
            while (goesOn && await lines.ReadLineAsync(_stopping.Token) is { } line)
            {
                var (tag, command) = line.Split(' ', 2) is [var first, var rest] ? (first, rest) : (line, "");
                _commands.Enqueue(command);
                goesOn = _answer(tag, command) is { } answer && await SayAsync(stream, answer);
                if (!goesOn || Certificate is null || command != "STARTTLS")
                    continue;
                stream = await ProtectAsync(stream, Certificate);
                lines = new StreamReader(stream, Encoding.UTF8);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // The client went away, or the test is over.
        }
    }

    private static async Task<SslStream> ProtectAsync(Stream stream, X509Certificate2 certificate)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(certificate);
        return tls;
    }

    private async Task<bool> SayAsync(Stream stream, string lines)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{lines.ReplaceLineEndings("\r\n")}\r\n"), _stopping.Token);
        return !lines.StartsWith("* BYE", StringComparison.Ordinal);
    }
}
