using System.Net.Sockets;
using System.Text;
using ImapTrigger.Diagnostics;
using ImapTrigger.Imap;
using ImapTrigger.Listening;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Imap;

/// <summary>The one translation: what was thrown and said, at which step -> what we do.</summary>
public sealed class ImapErrorsTests : IDisposable
{
    private readonly ImapAccount _account = new() { Host = "mail.example.org", UserName = "ann", Password = "secret" };
    private readonly FakeTimeProvider _time = new();
    private readonly ProtocolTap _tap;
    private bool _isConnected = true;

    public ImapErrorsTests() => _tap = new ProtocolTap(_time);

    [Theory]
    [InlineData("NO [UNAVAILABLE] User backend is down for maintenance", ImapSessionError.ServerUnavailable, LogLevel.Warning, "cannot serve now")]
    [InlineData("NO [LIMIT] Maximum number of connections from user+IP exceeded", ImapSessionError.Throttled, LogLevel.Warning, "asks for patience")]
    [InlineData("NO [INUSE] Mailbox is locked by a POP3 session", ImapSessionError.ServerUnavailable, LogLevel.Warning, "cannot serve now")]
    [InlineData("NO Server error: database connection lost", ImapSessionError.ServerUnavailable, LogLevel.Warning, "cannot serve now")]
    [InlineData("NO [ALERT] Account exceeded command or bandwidth limits. (Failure)", ImapSessionError.Throttled, LogLevel.Warning, "asks for patience")]
    [InlineData("NO [PRIVACYREQUIRED] Not without TLS", ImapSessionError.InsecureConnection, LogLevel.Error, "startTls")]
    [InlineData("NO [EXPIRED] Old", ImapSessionError.AuthenticationRefused, LogLevel.Error, "has expired")]
    [InlineData("NO [AUTHORIZATIONFAILED] Not you", ImapSessionError.AuthenticationRefused, LogLevel.Error, "does not let this user in")]
    [InlineData("NO [CONTACTADMIN] Ask", ImapSessionError.AuthenticationRefused, LogLevel.Error, "administrator")]
    [InlineData("NO [AUTHENTICATIONFAILED] Invalid credentials", ImapSessionError.AuthenticationRefused, LogLevel.Error, "refused the user name or password")]
    [InlineData("NO [ALERT] Web login required", ImapSessionError.AuthenticationRefused, LogLevel.Error, "Web login required")]
    [InlineData("NO Nein", ImapSessionError.AuthenticationRefused, LogLevel.Error, "refused the user name or password")]
    public void A_login(string answer, ImapSessionError error, LogLevel level, string text) => Holds(answer, new AuthenticationException(), ImapStep.LogIn, error, level, text);

    [Theory]
    [InlineData("NO [NONEXISTENT] No such mailbox", ImapSessionError.FolderUnavailable, LogLevel.Error, "[NONEXISTENT]")]
    [InlineData("NO [NOPERM] Not yours", ImapSessionError.FolderUnavailable, LogLevel.Error, "rights")]
    [InlineData("NO [CANNOT] Never", ImapSessionError.FolderUnavailable, LogLevel.Error, "Never")]
    [InlineData("NO [AUTHENTICATIONFAILED] Token expired", ImapSessionError.AuthenticationRefused, LogLevel.Error, "no longer")]
    [InlineData("NO Invalid mailbox name", ImapSessionError.FolderUnavailable, LogLevel.Error, "Invalid mailbox name")]
    [InlineData("NO SELECT Unsafe Login", ImapSessionError.FolderUnavailable, LogLevel.Error, "Unsafe Login")]
    [InlineData("NO [UNAVAILABLE] The disk is away", ImapSessionError.ServerUnavailable, LogLevel.Warning, "cannot serve now")]
    [InlineData("NO [INUSE] By POP3", ImapSessionError.ServerUnavailable, LogLevel.Warning, "cannot serve now")]
    [InlineData("NO [SERVERBUG] Internal error", ImapSessionError.ServerUnavailable, LogLevel.Warning, "cannot serve now")]
    [InlineData("NO Server error - please try again later", ImapSessionError.ServerUnavailable, LogLevel.Warning, "cannot serve now")]
    [InlineData("NO [LIMIT] Too many open folders", ImapSessionError.Throttled, LogLevel.Warning, "asks for patience")]
    [InlineData("BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds", ImapSessionError.Throttled, LogLevel.Warning, "asks for patience")]
    public void A_folder(string answer, ImapSessionError error, LogLevel level, string text) => Holds(answer, Refused(answer), ImapStep.Select, error, level, text);

    [Theory]
    [InlineData("NO [LIMIT] At most 32 flags in one mailbox supported", ImapSessionError.CommandRefused)]
    [InlineData("NO Too many parts in this message, limit exceeded, try again later", ImapSessionError.CommandRefused)]
    [InlineData("NO [SERVERBUG] Internal error occurred", ImapSessionError.CommandRefused)]
    [InlineData("NO [OVERQUOTA] The target is full", ImapSessionError.CommandRefused)]
    [InlineData("NO [UNAVAILABLE] Not this one", ImapSessionError.CommandRefused)]
    [InlineData("BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds", ImapSessionError.Throttled)]
    public void A_command_about_a_message(string answer, ImapSessionError error) => Holds(answer, Refused(answer), ImapStep.Command, error, LogLevel.Warning, "");

    /// <summary>A refused action is tried again for as long as the server's words promise something of it.</summary>
    [Theory]
    [InlineData("NO [UNAVAILABLE] Not now", 600)]
    [InlineData("NO [INUSE] Locked", 600)]
    [InlineData("NO [LIMIT] At most 32 flags in one mailbox supported", 10)]
    [InlineData("NO Server busy, try again later", 10)]
    [InlineData("NO [OVERQUOTA] Full, try again later", 0)]
    [InlineData("NO [SERVERBUG] Oh", 0)]
    [InlineData("NO [NOPERM] Not yours", 0)]
    [InlineData("NO Nein", 0)]
    public void Patience_with_a_refused_command(string answer, int seconds)
    {
        Say($"A00000001 {answer}");
        Assert.Equal(TimeSpan.FromSeconds(seconds), Errors().Translate(Refused(answer), ImapStep.Command, "flag").Patience);
    }

    [Theory]
    [InlineData(nameof(ImapStep.Command), "[UNAVAILABLE] Server is shutting down", ImapSessionError.ServerUnavailable)]
    [InlineData(nameof(ImapStep.Greet), "[UNAVAILABLE] Server is down for maintenance", ImapSessionError.ServerUnavailable)]
    [InlineData(nameof(ImapStep.Greet), "Too many connections from your address", ImapSessionError.Throttled)]
    [InlineData(nameof(ImapStep.Greet), "Go away", ImapSessionError.ConnectionLost)]
    [InlineData(nameof(ImapStep.LogIn), "Internal error occurred. Refer to server log for more information.", ImapSessionError.ServerUnavailable)]
    [InlineData(nameof(ImapStep.LogIn), "Good bye", ImapSessionError.ConnectionLost)]
    [InlineData(nameof(ImapStep.Select), "Disconnected for inactivity", ImapSessionError.ConnectionLost)]
    [InlineData(nameof(ImapStep.Command), "FETCH failed: Internal error occurred. Refer to server log for more information.", ImapSessionError.ConnectionLost)]
    [InlineData(nameof(ImapStep.Command), "UID FETCH failed: too many attributes, limit exceeded", ImapSessionError.ConnectionLost)]
    [InlineData(nameof(ImapStep.Command), "Too many simultaneous connections", ImapSessionError.Throttled)]
    public void A_farewell_in_whatever_way_the_connection_ends(string step, string text, ImapSessionError error)
    {
        _isConnected = false;
        Say($"* BYE {text}");
        foreach (var e in new Exception[] { new ImapProtocolException("The IMAP server has unexpectedly disconnected."), new ImapProtocolException("Bye."), new IOException("Reset"), new TimeoutException() })
        {
            var translated = Errors().Translate(e, Enum.Parse<ImapStep>(step), "fetch");
            Assert.Equal(error, translated.Error);
            Assert.Contains(text, translated.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("A00000001 NO [AUTHENTICATIONFAILED] Invalid credentials", "* BYE Too many errors", ImapSessionError.AuthenticationRefused)]
    [InlineData("A00000001 NO Nein", "* BYE Good bye", ImapSessionError.AuthenticationRefused)]
    [InlineData("A00000001 NO Nein", "* BYE [LIMIT] Too many sessions", ImapSessionError.Throttled)]
    [InlineData("", "* BYE [AUTHENTICATIONFAILED] Invalid credentials", ImapSessionError.AuthenticationRefused)]
    public void A_login_that_is_answered_by_a_farewell_too(string refusal, string farewell, ImapSessionError error)
    {
        Say(farewell);
        Say(refusal);
        Assert.Equal(error, Errors().Translate(new ImapProtocolException("Bye."), ImapStep.LogIn, "log in").Error);
        if (refusal.Length > 0)
            Assert.Equal(error, Errors().Translate(new AuthenticationException(), ImapStep.LogIn, "log in").Error);
    }

    [Theory]
    [InlineData("NO [UNAVAILABLE] Later", nameof(ImapStep.Greet), ImapSessionError.ServerUnavailable)]
    [InlineData("BAD TLS is broken", nameof(ImapStep.Greet), ImapSessionError.InsecureConnection)]
    [InlineData("NO [LIMIT] Too many sessions", nameof(ImapStep.LogIn), ImapSessionError.Throttled)]
    [InlineData("BAD What?", nameof(ImapStep.LogIn), ImapSessionError.CommandRefused)]
    public void A_command_beside_the_login(string answer, string step, ImapSessionError error)
    {
        Say($"A00000001 {answer}");
        Assert.Equal(error, Errors().Translate(Refused(answer), Enum.Parse<ImapStep>(step), "connect").Error);
    }

    [Fact]
    public void What_goes_wrong_here_is_no_broken_connection_while_the_connection_holds()
    {
        foreach (var e in new Exception[] { new FormatException("Invalid header"), new FolderNotOpenException("INBOX", FolderAccess.ReadWrite), new ArgumentException("No"), new InvalidOperationException("Busy"), new ObjectDisposedException("stream") })
        {
            var translated = Errors().Translate(e, ImapStep.Command, "fetch message 4");
            Assert.Equal(ImapSessionError.LocalFailure, translated.Error);
            Assert.Equal(LogLevel.Error, ErrorLevels.Of(translated));
            Assert.StartsWith(e.GetType().FullName!, translated.InnerException!.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal(ImapSessionError.CommandRefused, Errors().Translate(new NotSupportedException("No IDLE here"), ImapStep.Command, "begin IDLE").Error);
        _isConnected = false;
        Assert.Equal(ImapSessionError.ProtocolError, Errors().Translate(new FormatException("In the middle of an answer"), ImapStep.Command, "fetch").Error);
        Assert.Equal(ImapSessionError.ConnectionLost, Errors().Translate(new ObjectDisposedException("stream"), ImapStep.Command, "fetch").Error);
    }

    [Fact]
    public void A_host_that_is_not_reached_is_told_from_one_that_falls_silent()
    {
        Assert.Equal(ImapSessionError.Unreachable, Errors().Translate(new OperationCanceledException(), ImapStep.Reach, "connect").Error);
        Assert.Equal(ImapSessionError.Unreachable, Errors().Translate(new SocketException((int)SocketError.ConnectionRefused), ImapStep.Reach, "connect").Error);
        Assert.Equal(ImapSessionError.ConnectionLost, Errors().Translate(new OperationCanceledException(), ImapStep.Command, "fetch").Error);
        Assert.Equal(ImapSessionError.ConnectionLost, Errors().Translate(new SocketException((int)SocketError.ConnectionReset), ImapStep.Command, "fetch").Error);
    }

    [Theory]
    [InlineData(143, ImapSecurity.Tls, "startTls")]
    [InlineData(993, ImapSecurity.StartTls, "tls")]
    [InlineData(993, ImapSecurity.None, "tls")]
    public void A_port_that_says_nothing_is_the_wrong_security_and_no_last_byte_is_made_up(int port, ImapSecurity security, string instead)
    {
        var account = new ImapAccount { Host = "mail.example.org", Port = port, Security = security, UserName = "ann", Password = "secret" };
        string Told() => new ImapErrors(account, _tap, () => false).Translate(new TimeoutException(), ImapStep.Greet, "connect").Message;
        Assert.Contains($"it looks like the wrong 'security' for port {port}; set 'security' to {instead} ", Told(), StringComparison.Ordinal);
        Assert.DoesNotContain("last byte", Told(), StringComparison.Ordinal);
        Say("* OK Hello");
        Assert.Contains("its last byte came", Told(), StringComparison.Ordinal);
    }

    /// <summary>What people must change is one sentence (issue 10, point 7); a stack trace is for what nobody has thought of.</summary>
    [Fact]
    public void A_stack_trace_is_only_for_what_the_message_leaves_open()
    {
        Assert.False(ErrorLevels.NeedsTrace(Errors().Insecure("The server's certificate is another.", new IOException())));
        Assert.False(ErrorLevels.NeedsTrace(Errors().Translate(new SslHandshakeException("No"), ImapStep.Greet, "connect")));
        Assert.False(ErrorLevels.NeedsTrace(Errors().Translate(new ImapProtocolException("Unexpected token"), ImapStep.Greet, "connect")));
        Assert.False(ErrorLevels.NeedsTrace(Errors().Translate(new SaslException("SCRAM", SaslErrorCode.IncorrectHash, "No"), ImapStep.LogIn, "log in")));
        Assert.False(ErrorLevels.NeedsTrace(Errors().Translate(new IOException(), ImapStep.Command, "fetch")));
        Assert.False(ErrorLevels.NeedsTrace(new FolderReplacedException("The name INBOX means another mailbox now.")));
        Assert.True(ErrorLevels.NeedsTrace(Errors().Translate(new ImapProtocolException("Unexpected token"), ImapStep.Command, "fetch")));
        Assert.True(ErrorLevels.NeedsTrace(Errors().Translate(new FormatException(), ImapStep.Command, "fetch")));
        Assert.True(ErrorLevels.NeedsTrace(new InvalidOperationException()));
    }

    [Fact]
    public void What_was_behind_a_handshake_that_failed_is_in_the_sentence()
    {
        _tap.Answered();
        var told = Errors().Translate(new SslHandshakeException("No", new IOException("alert: protocol version")), ImapStep.Greet, "connect").Message;
        Assert.Contains("TLS could not be agreed (\"alert: protocol version\"): check host", told, StringComparison.Ordinal);
    }

    [Fact]
    public void How_long_a_server_has_been_silent_is_told_as_people_say_it()
    {
        Say("* OK Hello");
        _time.Advance(TimeSpan.FromMinutes(9) + TimeSpan.FromSeconds(10));
        Assert.Contains("its last byte came 9 min 10 s ago;", Errors().Translate(new TimeoutException(), ImapStep.Command, "answer DONE").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_token_was_not_given_for_is_told_without_the_client_s_secret()
    {
        var errors = new ImapErrors(_account with { Password = null, Secrets = new SecretWords("client-secret-0815") }, _tap, () => true);
        var told = errors.NoToken(new InvalidOperationException("invalid_client: client-secret-0815", new IOException("client-secret-0815"))).ToString();
        Assert.Contains("invalid_client: ***", told, StringComparison.Ordinal);
        Assert.DoesNotContain("0815", told, StringComparison.Ordinal);
    }

    [Fact]
    public void A_service_of_tokens_that_is_down_is_waited_for_and_one_that_refuses_is_an_error()
    {
        var passing = Errors().NoToken(new ImapTokenException("id.example.org refused (503).") { IsTransient = true, RetryAfter = TimeSpan.FromSeconds(7) });
        Assert.Equal((ImapSessionError.ServerUnavailable, TimeSpan.FromSeconds(7)), (passing.Error, passing.RetryAfter!.Value));
        Assert.DoesNotContain("check", passing.Message, StringComparison.Ordinal);
        Assert.Equal(ImapSessionError.TokenUnavailable, Errors().NoToken(new ImapTokenException("id.example.org refused (400, invalid_grant).")).Error);
    }

    [Fact]
    public void The_server_s_pause_is_kept()
    {
        Say("A00000001 BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds");
        Assert.Equal(TimeSpan.FromMilliseconds(92415), Errors().Translate(new AuthenticationException(), ImapStep.LogIn, "log in").RetryAfter);
    }

    private void Holds(string answer, Exception e, ImapStep step, ImapSessionError error, LogLevel level, string text)
    {
        Say($"A00000001 {answer}");
        var translated = Errors().Translate(e, step, "do it");
        Assert.Equal(error, translated.Error);
        Assert.Equal(level, ErrorLevels.Of(translated));
        Assert.Contains(text, translated.Message, StringComparison.Ordinal);
        if (error is ImapSessionError.Throttled or ImapSessionError.ServerUnavailable)
            Assert.DoesNotContain("password", translated.Message, StringComparison.Ordinal);
    }

    private ImapErrors Errors() => new(_account, _tap, () => _isConnected);

    // As MailKit throws it: without the code.
    private static ImapCommandException Refused(string answer) => new(ImapCommandResponse.No, answer[(answer.IndexOf(']', StringComparison.Ordinal) + 1)..], "The IMAP server replied with a 'NO' response.");

    public void Dispose() => ((IDisposable)_tap).Dispose();

    private void Say(string line)
    {
        var bytes = Encoding.UTF8.GetBytes($"{line}\r\n");
        ((IProtocolLogger)_tap).LogServer(bytes, 0, bytes.Length);
    }
}
