namespace ImapTrigger.Connections;

/// <summary>An account as one value: <c>imaps://user:secret@host:993</c> (RFC 5092, with the password that the RFC leaves to the client).</summary>
internal static class ImapUrl
{
    /// <summary>Reads the URL, or says what is wrong with it; neither the URL nor a part of it is repeated, for it holds the password.</summary>
    public static ImapAccount? Parse(string url, out string? problem)
    {
        problem = null;
        if (!Uri.TryCreate(url.Trim(), UriKind.Absolute, out var uri))
            problem = "it is not a URL; expected imaps://user:secret@host:993, with special characters in user and secret percent-encoded (@ as %40)";
        else if (uri.Scheme is not ("imap" or "imaps"))
            problem = "it does not begin with imaps:// (TLS) or imap:// (STARTTLS)";
        else if (uri.Host.Length == 0)
            problem = "it names no host";
        else if (uri.AbsolutePath.Trim('/').Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            problem = "something follows the host; the folder belongs on the attribute: [ImapIdleTrigger(\"INBOX\")]";
        else if (uri.UserInfo.Split(':') is not [{ Length: > 0 } user, { Length: > 0 } secret])
            problem = "it needs a user name and a password (user:secret@), with : / ? # @ in them percent-encoded";
        else
            return new ImapAccount
            {
                // The zone of an IPv6 address comes percent-encoded (RFC 6874).
                Host = Uri.UnescapeDataString(uri.IdnHost),
                Port = uri.Port > 0 ? uri.Port : null,
                Security = uri.Scheme == "imaps" ? ImapSecurity.Tls : ImapSecurity.StartTls,
                UserName = Uri.UnescapeDataString(WithoutMechanism(user)),
                Password = Uri.UnescapeDataString(secret),
            };
        return null;
    }

    // RFC 5092, 3.2: ";AUTH=..." after the user names a mechanism. We always take the best that the server offers.
    private static string WithoutMechanism(string user) => user.Split(';')[0];
}
