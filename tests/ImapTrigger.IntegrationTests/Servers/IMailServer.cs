namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>A server that the contract tests run on.</summary>
public interface IMailServer : IAsyncLifetime
{
    /// <summary>In what it differs from the others.</summary>
    ServerTraits Traits { get; }

    /// <summary>An account that exists, or begins to with this call.</summary>
    ImapAccount Account(string user, ImapSecurity security = ImapSecurity.Tls);

    /// <summary>An OAuth access token that the account may log in with.</summary>
    /// <exception cref="NotSupportedException">See <see cref="ServerTraits.HasAccessTokens"/>.</exception>
    string AccessTokenOf(string user);

    /// <summary>Puts messages into a mailbox as a delivery agent does: byte for byte, in this order.</summary>
    Task DeliverAsync(string user, IEnumerable<byte[]> messages);

    /// <summary>INBOX is numbered anew, in the same order, under another UIDVALIDITY, as after a restore. Nobody is connected meanwhile.</summary>
    Task RenumberAsync(string user);
}
