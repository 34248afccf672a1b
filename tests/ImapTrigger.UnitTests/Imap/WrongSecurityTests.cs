using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;
using ImapTrigger.Imap;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Imap;

/// <summary>TLS against a port that begins in plain text, and the reverse: told by the first bytes, or after five seconds without one; never to the harm of a slow server.</summary>
public sealed class WrongSecurityTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TimerWatch _time = new();
    private readonly Channel<string> _told = Channel.CreateUnbounded<string>();

    public WrongSecurityTests() => _listener.Start();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    [Fact]
    public async Task The_first_bytes_tell_that_a_port_does_not_speak_TLS()
    {
        var connecting = ConnectAsync(ImapSecurity.Tls);
        using var server = await _listener.AcceptSocketAsync(Token);
        await server.SendAsync("* OK ready\r\n"u8.ToArray(), Token);
        var e = await Assert.ThrowsAsync<ImapSessionException>(() => connecting);
        Assert.Contains($"it looks like the wrong 'security' for port {Port}; set 'security' to startTls", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ImapSecurity.Tls, "set 'security' to startTls (mostly port 143), or take the port for tls (993).")]
    [InlineData(ImapSecurity.StartTls, "set 'security' to tls (mostly port 993), or take the port for startTls (143).")]
    [InlineData(ImapSecurity.None, "set 'security' to tls (mostly port 993), or take the port for startTls (143).")]
    public async Task Silence_is_told_after_five_seconds_and_ends_nothing_before_its_time(ImapSecurity security, string advice)
    {
        var connecting = ConnectAsync(security);
        using var server = await _listener.AcceptSocketAsync(Token);
        await _time.AskedAsync();
        _time.Advance(Patience - TimeSpan.FromTicks(1));
        Assert.False(_told.Reader.TryRead(out _));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal($"not a byte has come from port {Port} for 5 s: it looks like the wrong 'security' for port {Port}; {advice}", await _told.Reader.ReadAsync(Token));
        _time.Advance(TimeSpan.FromSeconds(54));
        Assert.False(connecting.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(1));
        var e = await Assert.ThrowsAsync<ImapSessionException>(() => connecting);
        Assert.EndsWith($"The server did not answer in time, and not a byte came: it looks like the wrong 'security' for port {Port}; {advice} If that is right, the server is at fault.", e.Message, StringComparison.Ordinal);
        Assert.False(_told.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_server_that_takes_six_seconds_to_greet_is_waited_for()
    {
        var connecting = ConnectAsync(ImapSecurity.None);
        using var server = await _listener.AcceptTcpClientAsync(Token);
        await _time.AskedAsync();
        _time.Advance(Patience + TimeSpan.FromSeconds(1));
        var serving = ServeAsync(server.GetStream());
        await (await connecting).DisposeAsync();
        await serving;
    }

    [Fact]
    public async Task A_server_that_has_begun_TLS_is_not_suspected_however_long_it_takes_to_greet()
    {
        using var authority = new TestAuthority("root");
        var certificate = authority.Certificate;
        var connecting = ConnectAsync(ImapSecurity.Tls, certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256));
        using var server = await _listener.AcceptTcpClientAsync(Token);
        await using var tls = new SslStream(server.GetStream());
        await tls.AuthenticateAsServerAsync(certificate);
        await _time.AskedAsync();
        // Whoever has taken the handshake's end has seen a byte before.
        _time.Advance(TimeSpan.FromSeconds(60));
        var e = await Assert.ThrowsAsync<ImapSessionException>(() => connecting);
        Assert.EndsWith("The server began TLS and did not greet in time; the server is at fault.", e.Message, StringComparison.Ordinal);
        Assert.False(_told.Reader.TryRead(out _));
    }

    [Theory]
    [InlineData(ImapSecurity.Tls, "set 'security' to startTls (mostly port 143), or take the port for tls (993).")]
    [InlineData(ImapSecurity.StartTls, "set 'security' to tls (mostly port 993), or take the port for startTls (143).")]
    public async Task Nothing_is_told_of_an_attempt_that_is_over(ImapSecurity security, string advice)
    {
        var connecting = ConnectAsync(security);
        using (await _listener.AcceptSocketAsync(Token))
            await _time.AskedAsync();
        var e = await Assert.ThrowsAsync<ImapSessionException>(() => connecting);
        Assert.EndsWith($"The server closed the connection without a word. If it always does, it looks like the wrong 'security' for port {Port}; {advice}", e.Message, StringComparison.Ordinal);
        _time.Advance(Patience);
        Assert.False(_told.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Another_protocol_s_port_is_told()
    {
        var connecting = ConnectAsync(ImapSecurity.StartTls);
        using var server = await _listener.AcceptSocketAsync(Token);
        await server.SendAsync("220 mail.example.com ESMTP\r\n"u8.ToArray(), Token);
        var e = await Assert.ThrowsAsync<ImapSessionException>(() => connecting);
        Assert.Contains($"check that port {Port} is IMAP's (mostly 993 for tls, 143 for startTls).", e.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _listener.Dispose();

    private Task<ImapSession> ConnectAsync(ImapSecurity security, string? fingerprint = null) => ImapSession.ConnectAsync(
        new ImapAccount { Host = "127.0.0.1", Port = Port, Security = security, UserName = "ann", Password = "secret", CertificateFingerprint = fingerprint },
        _time,
        told => _told.Writer.TryWrite(told),
        Token);

    private static async Task ServeAsync(Stream stream)
    {
        await stream.WriteAsync("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] Ready\r\n"u8.ToArray(), Token);
        using var lines = new StreamReader(stream);
        while (await lines.ReadLineAsync(Token) is { } line)
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"{line.Split(' ')[0]} OK Done\r\n"), Token);
    }

    /// <summary>Tells when the wait for the first byte has begun.</summary>
    private sealed class TimerWatch : FakeTimeProvider
    {
        private readonly Channel<bool> _asked = Channel.CreateUnbounded<bool>();

        public Task AskedAsync() => _asked.Reader.ReadAsync(Token).AsTask();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime == Patience)
                _asked.Writer.TryWrite(true);
            return timer;
        }
    }
}
