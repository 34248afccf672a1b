using System.Net.Sockets;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;

namespace ImapTrigger.Imap;

/// <summary>What MailKit and the network throw -> what people can act on.</summary>
internal static class ImapErrors
{
    private const int MaxServerText = 300;

    /// <param name="e">What was thrown; a cancellation means that a deadline passed.</param>
    /// <param name="what">What was tried, as it stands after "could not": "log in", "select INBOX".</param>
    /// <param name="account">Where.</param>
    /// <param name="silence">How long the server has said nothing.</param>
    public static ImapSessionException Translate(Exception e, string what, ImapAccount account, TimeSpan silence)
    {
        // It has been explained where it was thrown.
        if (e is ImapSessionException explained)
            return explained;
        var (error, advice) = Explain(e, account, silence);
        var message = $"{Name(account)}: could not {what}. {advice}";
        return new ImapSessionException(error, message, e) { RetryAfter = error == ImapSessionError.Throttled ? ThrottleText.RetryAfter(e.Message) : null };
    }

    /// <summary>There is no access token to log in with; the server has not been asked.</summary>
    public static ImapSessionException NoToken(Exception e, ImapAccount account) => new(
        ImapSessionError.TokenUnavailable, $"{Name(account)}: could not get an access token; check the credential's settings{Said(e)}.", e);

    private static (ImapSessionError Error, string Advice) Explain(Exception e, ImapAccount account, TimeSpan silence) => e switch
    {
        AuthenticationException or ImapCommandException or ImapProtocolException when ThrottleText.Is(e.Message) => (ImapSessionError.Throttled,
            $"The server asks for patience{Said(e)}; if it goes on, fewer connections or another provider's limit is needed."),
        AuthenticationException when account.AccessToken is not null => (ImapSessionError.AuthenticationRefused,
            $"The server refused the access token{Said(e)}; check the user name, the scope, and that the credential may use this mailbox."),
        AuthenticationException => (ImapSessionError.AuthenticationRefused,
            $"The server refused the user name or password{Said(e)}; check both settings (many providers want an app password)."),
        SslHandshakeException or System.Security.Authentication.AuthenticationException => (ImapSessionError.InsecureConnection,
            "TLS could not be agreed: check host, port and 'security', and that the certificate is valid for this host; "
            + "for a self-signed one set 'certificateFingerprint'."),
        NotSupportedException and not PlatformNotSupportedException => (ImapSessionError.InsecureConnection,
            "The server does not offer STARTTLS on this port; set 'security' to tls (port 993), or to none for a server on this machine."),
        FolderNotFoundException => (ImapSessionError.FolderUnavailable,
            "There is no such folder; names are case-sensitive (but INBOX) and written in full, such as 'Archive/2026'."),
        ImapCommandException refused => (ImapSessionError.CommandRefused, $"The server refused{Said(refused)}."),
        ImapProtocolException when e.Message.StartsWith("* BYE", StringComparison.OrdinalIgnoreCase) => (ImapSessionError.ConnectionLost,
            $"The server closed the connection{Said(e)}."),
        // MailKit reports an end of stream as a protocol error too.
        ImapProtocolException when e.Message.Contains("disconnected", StringComparison.OrdinalIgnoreCase) => (ImapSessionError.ConnectionLost,
            "The server closed the connection."),
        ImapProtocolException => (ImapSessionError.ProtocolError, $"The server's answer could not be understood{Said(e)}."),
        SocketException socket => (ImapSessionError.Unreachable, $"The host could not be reached ({socket.SocketErrorCode}); check host and port."),
        OperationCanceledException or TimeoutException => (ImapSessionError.ConnectionLost, $"The server did not answer in time, its last byte came {silence.TotalSeconds:0} s ago; the connection is given up."),
        IOException or ServiceNotConnectedException or ObjectDisposedException => (ImapSessionError.ConnectionLost, "The connection broke."),
        _ => (ImapSessionError.ProtocolError, $"Unexpected {e.GetType().Name}{Said(e)}."),
    };

    private static string Name(ImapAccount account) => $"{account.UserName} at {account.Endpoint}";

    private static string Said(Exception e) => string.IsNullOrWhiteSpace(e.Message) ? "" : $" (\"{UntrustedText.Clean(e.Message.Trim(), MaxServerText)}\")";
}
