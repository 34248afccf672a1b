namespace ImapTrigger.Connections;

/// <summary>Any service that gives tokens for a refresh token (RFC 6749, 6). One that hands out a new one each time is asked with the newest, as long as the process lives.</summary>
internal sealed class RefreshToken(TokenEndpoint endpoint, Uri address, IReadOnlyDictionary<string, string> form)
{
    private string? _newest;

    public async Task<IssuedToken> AskAsync(CancellationToken cancellationToken)
    {
        var asked = new Dictionary<string, string>(form) { ["grant_type"] = "refresh_token" };
        if (_newest is not null)
            asked["refresh_token"] = _newest;
        var token = await endpoint.AskAsync(address, asked, cancellationToken);
        _newest = token.RefreshToken ?? _newest;
        return token;
    }
}
