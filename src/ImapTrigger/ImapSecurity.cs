namespace ImapTrigger;

/// <summary>How a connection to an IMAP server is protected. The server's certificate is always checked.</summary>
public enum ImapSecurity
{
    /// <summary>By the port: TLS from the first byte on 993 (or when no port is given), STARTTLS on every other port.</summary>
    Auto,

    /// <summary>TLS from the first byte (RFC 8314, 3.2), by default on port 993.</summary>
    Tls,

    /// <summary>STARTTLS before anything else (RFC 9051, 6.2.1), by default on port 143. A server that does not offer it is refused.</summary>
    StartTls,

    /// <summary>No encryption, by default on port 143. The password crosses the network readable: only for a server on the same machine, unless <see cref="ImapAccount.AllowPlainText"/> is set.</summary>
    None,
}
