namespace ImapTrigger;

/// <summary>
/// Gives access tokens for accounts whose settings say <c>authentication = tokenProvider</c>: for an identity service that the settings of
/// <c>oauth2</c> do not know. Register one in the host's services.
/// </summary>
public interface IImapTokenProvider
{
    /// <summary>
    /// Asked at each login, so keep a token until shortly before its end. What is thrown fails the login, which is tried again with growing pauses, and its message is
    /// logged: it should say what to do, and hold no secret. An <see cref="ImapTokenException"/> may say when.
    /// </summary>
    /// <param name="host">The server's name, as in the settings.</param>
    /// <param name="userName">Who logs in.</param>
    /// <param name="cancellationToken">The login is given up.</param>
    /// <returns>The token alone, as the server wants it in SASL OAUTHBEARER or XOAUTH2.</returns>
    Task<string> GetAccessTokenAsync(string host, string userName, CancellationToken cancellationToken);
}
