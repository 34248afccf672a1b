using System.Net.Sockets;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Net.Proxy;
using MailKit.Security;

namespace ImapTrigger.Imap;

/// <summary>What MailKit and the network throw, and what the server said on the wire -> what people and the back-off can act on. The one translation.</summary>
/// <param name="account">Where.</param>
/// <param name="tap">What the server said.</param>
/// <param name="isConnected">Whether the connection has outlived the failure.</param>
internal sealed class ImapErrors(ImapAccount account, ProtocolTap tap, Func<bool> isConnected)
{
    private const int MaxServerText = 300;
    private const int MaxFolders = 4096;
    private const string NoFolder = "There is no such folder; names are case-sensitive (but INBOX) and written in full, such as 'Archive/2026'.";

    private readonly bool _byToken = account.AccessToken is not null;

    /// <summary>How what a server says is told.</summary>
    public ServerText Said { get; } = new(account);

    /// <param name="e">What was thrown; a cancellation means that a deadline passed.</param>
    /// <param name="step">What was being done.</param>
    /// <param name="what">The same for people, as it stands after "could not": "log in", "select INBOX".</param>
    public ImapSessionException Translate(Exception e, ImapStep step, string what)
    {
        // It has been explained where it was thrown.
        if (e is ImapSessionException explained)
            return explained;
        var (error, advice, retryAfter) = Explain(e, step);
        return new ImapSessionException(error, $"{Name}: could not {what}. {advice}", Said.Clean(e))
        {
            RetryAfter = retryAfter,
            IsUnforeseen = error == ImapSessionError.LocalFailure
                || (error == ImapSessionError.ProtocolError && step > ImapStep.Greet && e is not SaslException && !tap.IsOutOfStep),
            Patience = error == ImapSessionError.CommandRefused && e is ImapCommandException ? Refusals.Patience(RefusalOf(e)) : TimeSpan.Zero,
        };
    }

    /// <summary>There is no access token to log in with; the server has not been asked.</summary>
    public ImapSessionException NoToken(Exception e) => e is ImapTokenException { IsTransient: true } passing
        // Nobody has been refused: it passes, as a server that is down does.
        ? new ImapSessionException(ImapSessionError.ServerUnavailable, $"{Name}: could not get an access token now{Quote(e.Message)}.", Said.Clean(e)) { RetryAfter = passing.RetryAfter }
        : new ImapSessionException(ImapSessionError.TokenUnavailable, $"{Name}: could not get an access token; check the credential's settings{Quote(e.Message)}.", Said.Clean(e));

    /// <summary>The connection's protection is not what the account asks for.</summary>
    /// <param name="why">As sentences, with what to do; without what a server chose, unless it is cleaned.</param>
    /// <param name="e">The cause, or null.</param>
    public ImapSessionException Insecure(string why, Exception? e = null) => new(
        ImapSessionError.InsecureConnection, $"{Name}: could not connect to port {account.EffectivePort} and log in. {why}", e is null ? null : Said.Clean(e));

    /// <summary>The server has logged the connection in before anything was said: as whom, nobody knows, and STARTTLS is no longer possible (RFC 9051, 7.1.4).</summary>
    public ImapSessionException LoggedInAlready() => new(
        ImapSessionError.AuthenticationRefused,
        $"{Name}: could not log in. The server greets with PREAUTH: it takes the connection for logged in already, without saying as whom; use a host and port that ask for a login.");

    /// <summary>For a line of the log while a connection stands and no byte has come.</summary>
    public string SilentSoFar => $"not a byte has come from port {account.EffectivePort} for {SilentPort.Patience.TotalSeconds:0} s: {WrongSecurity}";

    /// <summary>LOGINDISABLED (RFC 9051, 6.2.3), and no mechanism that we speak.</summary>
    public ImapSessionException NoWayToLogIn(IEnumerable<string> mechanisms, bool isEncrypted) => isEncrypted
        ? new ImapSessionException(
            ImapSessionError.AuthenticationRefused,
            $"{Name}: could not log in. The server takes no password (LOGINDISABLED){Offered(mechanisms)}; where it offers XOAUTH2 or OAUTHBEARER, set 'authentication' to oauth2.")
        : new ImapSessionException(
            ImapSessionError.InsecureConnection,
            $"{Name}: could not log in. The server takes no password on a connection without TLS (LOGINDISABLED); set 'security' to tls or startTls.");

    /// <summary>The server knows no such folder.</summary>
    /// <param name="e">How it said so.</param>
    /// <param name="folder">The name.</param>
    /// <param name="there">What there is, for people; empty when that is not known.</param>
    public ImapSessionException NoSuchFolder(Exception e, string folder, string there) => new(
        ImapSessionError.FolderUnavailable,
        $"{Name}: could not select the folder '{UntrustedText.Clean(folder, MaxServerText)}'. {NoFolder}{Said.Clean(there, MaxFolders)}",
        Said.Clean(e));

    /// <summary>Whether the failure of a SELECT means that the folder does not exist.</summary>
    public bool IsMissing(Exception e) => e is FolderNotFoundException || (e is ImapCommandException refused && Refusals.Of(RefusalOf(refused)) == Refusal.Missing);

    /// <summary>What the server said to a login that failed.</summary>
    public ServerAnswer RefusalOf(Exception e) => tap.Refusal ?? ServerAnswer.Of("NO", (e as ImapCommandException)?.ResponseText ?? e.Message);

    /// <summary>How its messages name the account.</summary>
    public static string NameOf(ImapAccount account) => $"{account.UserName} at {account.Endpoint}";

    private string Name { get; } = NameOf(account);

    private (ImapSessionError Error, string Advice, TimeSpan? RetryAfter) Explain(Exception e, ImapStep step)
    {
        if (e is SaslException sasl)
            return LoginBroken(sasl);
        if (e is AuthenticationException)
            return LoginRefused(MoreTelling(RefusalOf(e), tap.Farewell));
        if (e is ImapCommandException)
            return CommandRefused(RefusalOf(e), step);
        // However the end of the connection shows: what the server said before says more.
        if (tap.Farewell is { } farewell && e is not SslHandshakeException)
            return Left(farewell, step);
        var (error, advice) = ExplainLocal(e, step);
        return (error, advice, null);
    }

    private (ImapSessionError, string, TimeSpan?) LoginRefused(ServerAnswer answer) => Refusals.Of(answer) switch
    {
        Refusal.Limit => Patience(answer),
        Refusal.Unavailable => NotNow(answer),
        _ when _byToken && Refusals.IsAboutMechanism(answer) => (ImapSessionError.AuthenticationRefused,
            $"The server takes no access token{Quote(answer)}: it has neither OAUTHBEARER nor XOAUTH2 for this user; set a password, or ask its administrator.", null),
        _ when Refusals.IsAboutMechanism(answer) => (ImapSessionError.AuthenticationRefused,
            $"The server takes none of the ways to log in that it offers{Quote(answer)}; user name and password were not looked at: ask its administrator.", null),
        Refusal.Unprotected => (ImapSessionError.InsecureConnection, $"The server wants TLS before a password{Quote(answer)}; set 'security' to tls or startTls.", null),
        Refusal.Expired => (ImapSessionError.AuthenticationRefused, $"The server says that the password or token has expired{Quote(answer)}; set a new one.", null),
        Refusal.Forbidden => (ImapSessionError.AuthenticationRefused,
            $"The server does not let this user in, whatever the password{Quote(answer)}; IMAP may be switched off for it, or it may not use this mailbox: ask the administrator.", null),
        _ when _byToken => (ImapSessionError.AuthenticationRefused,
            $"The server refused the access token{Quote(answer)}; check the user name, the scope, and that the credential may use this mailbox.", null),
        _ => (ImapSessionError.AuthenticationRefused,
            $"The server refused the user name or password{Quote(answer)}; check both settings (many providers want an app password).", null),
    };

    /// <summary>A login that came to no answer. A proof that is not accepted looks like this too (RFC 5802, 7: "e=invalid-proof").</summary>
    private (ImapSessionError, string, TimeSpan?) LoginBroken(SaslException e) => (
        e.ErrorCode == SaslErrorCode.InvalidChallenge ? ImapSessionError.AuthenticationRefused : ImapSessionError.ProtocolError,
        $"The login by {e.Mechanism} came to no end{Quote(e.Message)}; check user name and password. The next attempt uses another mechanism, where there is one.",
        null);

    private (ImapSessionError, string, TimeSpan?) SelectRefused(ServerAnswer answer) => Refusals.Of(answer) switch
    {
        Refusal.Limit => Patience(answer),
        Refusal.Unavailable => NotNow(answer),
        Refusal.Credentials or Refusal.Expired when answer.Code is not null => (ImapSessionError.AuthenticationRefused, $"The server lets this login in no longer{Quote(answer)}.", null),
        Refusal.Forbidden => (ImapSessionError.FolderUnavailable,
            $"The account has not the rights to open it{Quote(answer)}: it needs l and r (RFC 4314), which the mailbox's owner or the administrator gives.", null),
        _ => (ImapSessionError.FolderUnavailable, $"The server does not open it{Quote(answer)}.", null),
    };

    private (ImapSessionError, string, TimeSpan?) CommandRefused(ServerAnswer answer, ImapStep step) => step switch
    {
        ImapStep.Select => SelectRefused(answer),
        // About one message or one command: never a reason to leave the host alone, unless the server says so in so many words.
        ImapStep.Command when !Refusals.IsAboutConnection(answer) => (ImapSessionError.CommandRefused, $"The server refused{Quote(answer)}.", null),
        ImapStep.Command => Patience(answer),
        _ => Refusals.Of(answer) switch
        {
            Refusal.Limit => Patience(answer),
            Refusal.Unavailable => NotNow(answer),
            _ when step == ImapStep.Greet => (ImapSessionError.InsecureConnection, $"The server offers STARTTLS and refuses it{Quote(answer)}; set 'security' to tls (port 993).", null),
            _ => (ImapSessionError.CommandRefused, $"The server refused{Quote(answer)}.", null),
        },
    };

    /// <summary>BYE (RFC 9051, 7.1.5); at a login, in place of its answer, before or beside it.</summary>
    private (ImapSessionError, string, TimeSpan?) Left(ServerAnswer farewell, ImapStep step) => step switch
    {
        ImapStep.LogIn when tap.Refusal is { } refusal => LoginRefused(MoreTelling(refusal, farewell)),
        ImapStep.LogIn when farewell.Code is not null && Refusals.Of(farewell) != Refusal.Unclear => LoginRefused(farewell),
        ImapStep.Greet or ImapStep.LogIn when Refusals.Of(farewell) == Refusal.Limit => Patience(farewell),
        ImapStep.Greet or ImapStep.LogIn when Refusals.Of(farewell) == Refusal.Unavailable => NotNow(farewell),
        _ when Refusals.IsAboutConnection(farewell) => Patience(farewell),
        // Not what it was asked: a message that it cannot read is told in other words.
        _ when farewell.Code is "UNAVAILABLE" or "INUSE" => NotNow(farewell),
        ImapStep.Greet => (ImapSessionError.ConnectionLost, $"The server greets with BYE and closes the connection{Quote(farewell)}.", null),
        _ => (ImapSessionError.ConnectionLost, $"The server closed the connection{Quote(farewell)}.", null),
    };

    private static ServerAnswer MoreTelling(ServerAnswer refusal, ServerAnswer? farewell) =>
        farewell is not null && Refusals.Of(refusal) == Refusal.Unclear && Refusals.Of(farewell) is Refusal.Limit or Refusal.Unavailable ? farewell : refusal;

    private (ImapSessionError, string, TimeSpan?) Patience(ServerAnswer answer) => (ImapSessionError.Throttled,
        $"The server asks for patience{Quote(answer)}; if it goes on, fewer connections or another provider's limit is needed.", Refusals.RetryAfter(answer));

    private (ImapSessionError, string, TimeSpan?) NotNow(ServerAnswer answer) => (ImapSessionError.ServerUnavailable,
        $"The server cannot serve now{Quote(answer)}; that is no fault of the settings, and it is asked again.", null);

    private (ImapSessionError Error, string Advice) ExplainLocal(Exception e, ImapStep step) => e switch
    {
        // MailKit takes the end of a handshake, however it came, for a failure of TLS.
        SslHandshakeException or OperationCanceledException or TimeoutException or IOException or SocketException or ImapProtocolException
            when step == ImapStep.Greet && !tap.HasAnswered => (ImapSessionError.ConnectionLost, e.GetBaseException() is IOException or SocketException or ImapProtocolException
            ? $"The server closed the connection without a word. If it always does, {WrongSecurity}"
            : $"The server did not answer in time, and not a byte came: {WrongSecurity} If that is right, the server is at fault."),
        // OpenSSL's and MailKit's ways to say that what came first is no TLS.
        SslHandshakeException or System.Security.Authentication.AuthenticationException or IOException when step <= ImapStep.Greet && account.EffectiveSecurity == ImapSecurity.Tls && SpeaksPlain(e) =>
            (ImapSessionError.InsecureConnection, $"The server does not speak TLS: {WrongSecurity}"),
        SslHandshakeException or System.Security.Authentication.AuthenticationException => (ImapSessionError.InsecureConnection,
            $"TLS could not be agreed{(e.GetBaseException() is var cause && cause != e ? Quote(cause.Message) : "")}: check host, port and 'security'."),
        NotSupportedException when step == ImapStep.Greet => (ImapSessionError.InsecureConnection,
            "The server does not offer STARTTLS on this port; set 'security' to tls (port 993), or to none for a server on this machine."),
        NotSupportedException when isConnected() => (ImapSessionError.CommandRefused, $"The server does not offer what this needs{Quote(e.Message)}."),
        FolderNotFoundException => (ImapSessionError.FolderUnavailable, NoFolder),
        // MailKit reports an end of stream as a protocol error too.
        ImapProtocolException when e.Message.Contains("disconnected", StringComparison.OrdinalIgnoreCase) => (ImapSessionError.ConnectionLost,
            "The server closed the connection."),
        ImapProtocolException when tap.IsOutOfStep => (ImapSessionError.ProtocolError, "The server answered one command twice, so the next had no answer of its own."),
        ImapProtocolException when step == ImapStep.Greet => (ImapSessionError.ProtocolError,
            $"The server's answer could not be understood{Quote(e.Message)}; check that port {account.EffectivePort} is IMAP's (mostly 993 for tls, 143 for startTls)."),
        ImapProtocolException => (ImapSessionError.ProtocolError, $"The server's answer could not be understood{Quote(e.Message)}."),
        ProxyProtocolException => (ImapSessionError.Unreachable, $"The proxy does not connect us{Quote(e.Message)}; check 'proxy', its user and password, and whether it may reach this port."),
        SocketException socket when step == ImapStep.Reach && (account.Proxy is not null || account.UseSystemProxy) =>
            (ImapSessionError.Unreachable, $"The proxy could not be reached ({socket.SocketErrorCode}); check 'proxy'."),
        SocketException socket when step == ImapStep.Reach => (ImapSessionError.Unreachable, $"The host could not be reached ({socket.SocketErrorCode}); check host and port."),
        OperationCanceledException or TimeoutException when step == ImapStep.Reach => (ImapSessionError.Unreachable,
            "The host could not be reached: it did not answer in time; check host and port, and whether a firewall is in between."),
        OperationCanceledException or TimeoutException when step == ImapStep.Greet && tap is { HasAnswered: true, HasHeard: false } => (ImapSessionError.ConnectionLost,
            "The server began TLS and did not greet in time; the server is at fault."),
        OperationCanceledException or TimeoutException => (ImapSessionError.ConnectionLost,
            $"The server did not answer in time, its last byte came {new Pause(tap.Silence)} ago; the connection is given up."),
        IOException or SocketException or ServiceNotConnectedException => (ImapSessionError.ConnectionLost, "The connection broke."),
        ObjectDisposedException when !isConnected() => (ImapSessionError.ConnectionLost, "The connection broke."),
        // Whatever else went wrong went wrong here. MailKit gives the connection up when that was in the middle of an answer.
        _ when step <= ImapStep.Select || isConnected() => (ImapSessionError.LocalFailure, $"Unexpected {e.GetType().Name}{Quote(e.Message)}."),
        _ => (ImapSessionError.ProtocolError, $"The server's answer could not be understood: unexpected {e.GetType().Name}{Quote(e.Message)}."),
    };

    /// <summary>TLS against a port without it, and the reverse: each side waits for the other to begin.</summary>
    private string WrongSecurity => account.EffectiveSecurity == ImapSecurity.Tls
        ? $"it looks like the wrong 'security' for port {account.EffectivePort}; set 'security' to startTls (mostly port 143), or take the port for tls (993)."
        : $"it looks like the wrong 'security' for port {account.EffectivePort}; set 'security' to tls (mostly port 993), or take the port for startTls (143).";

    private static bool SpeaksPlain(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            if (cause.Message.Contains("frame", StringComparison.OrdinalIgnoreCase) || cause.Message.Contains("wrong version number", StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private string Offered(IEnumerable<string> mechanisms) =>
        mechanisms.Order(StringComparer.Ordinal).Take(20).ToArray() is { Length: > 0 } some ? $", only {Said.Clean(string.Join(", ", some), MaxServerText)}" : "";

    private string Quote(ServerAnswer answer) => Quote(answer.ToString());

    private string Quote(string text) => string.IsNullOrWhiteSpace(text) ? "" : $" (\"{Said.Clean(text.Trim(), MaxServerText)}\")";
}
