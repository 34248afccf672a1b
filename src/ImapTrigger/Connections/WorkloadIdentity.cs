using System.Net.Http.Json;

namespace ImapTrigger.Connections;

/// <summary>
/// Google without any key: an Azure identity's token is exchanged for one of Google's (RFC 8693), which may let a service account sign for a user (domain-wide delegation).
/// Sources: cloud.google.com/iam/docs/workload-identity-federation-with-other-clouds; iam/docs/reference/sts/rest/v1/TopLevel/token; iam/docs/reference/credentials/rest (signJwt).
/// </summary>
/// <param name="endpoint">Asks.</param>
/// <param name="azureToken">The identity's own token, for the audience that the pool's provider accepts.</param>
/// <param name="provider">The pool's provider: //iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER.</param>
/// <param name="serviceAccount">The mail address of the service account.</param>
/// <param name="time">Dates what is signed.</param>
internal sealed class WorkloadIdentity(TokenEndpoint endpoint, Func<CancellationToken, Task<string>> azureToken, string provider, string serviceAccount, TimeProvider time)
{
    private static readonly Uri SecurityTokenService = new("https://sts.googleapis.com/v1/token");

    public async Task<IssuedToken> AskAsync(string userName, string scope, CancellationToken cancellationToken)
    {
        var federated = await endpoint.AskAsync(
            SecurityTokenService,
            new Dictionary<string, string>
            {
                ["grant_type"] = "urn:ietf:params:oauth:grant-type:token-exchange",
                ["audience"] = provider,
                ["scope"] = "https://www.googleapis.com/auth/iam",
                ["requested_token_type"] = "urn:ietf:params:oauth:token-type:access_token",
                ["subject_token_type"] = "urn:ietf:params:oauth:token-type:jwt",
                ["subject_token"] = await azureToken(cancellationToken),
            },
            cancellationToken);
        using var content = JsonContent.Create(new Dictionary<string, string> { ["payload"] = ServiceAccount.Claims(serviceAccount, userName, scope, ServiceAccount.GoogleEndpoint, time.GetUtcNow()) });
        var signed = await endpoint.PostAsync(
            new Uri($"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{Uri.EscapeDataString(serviceAccount)}:signJwt"), content, federated.Value, cancellationToken);
        if (!signed.TryGetProperty("signedJwt", out var assertion) || assertion.GetString() is not { Length: > 0 } jwt)
            throw new ImapTokenException("iamcredentials.googleapis.com answered without a signedJwt.");
        return await endpoint.AskAsync(ServiceAccount.GoogleEndpoint, ServiceAccount.Form(jwt), cancellationToken);
    }
}
