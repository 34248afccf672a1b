namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>A server that the contract tests run on.</summary>
public interface IMailServer : IAsyncLifetime
{
    /// <summary>The settings of an account that exists, or begins to with this call; as a user would write them.</summary>
    IReadOnlyDictionary<string, string?> Settings(string user);

    /// <summary>The same account for a session of one's own.</summary>
    ImapAccount Account(string user, ImapSecurity security = ImapSecurity.Tls);

    /// <summary>An OAuth access token that the account may log in with.</summary>
    string AccessTokenOf(string user);

    /// <summary>Puts messages into a mailbox as a delivery agent does: byte for byte, in this order.</summary>
    Task DeliverAsync(string user, IEnumerable<byte[]> messages);
}
