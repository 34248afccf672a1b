using Azure.Core;
using Microsoft.Extensions.Azure;
using Microsoft.Extensions.Configuration;

namespace ImapTrigger.Connections;

/// <summary>A mailbox's settings -> its access tokens, by the same names that Azure's own extensions use for identity-based connections.</summary>
internal sealed class AccessTokens(AzureComponentFactory components)
{
    /// <summary>What the factory reads of a section.</summary>
    public static readonly string[] Known = ["credential", "tenantId", "clientId", "clientSecret", "clientCertificate", "clientCertificateStoreName", "clientCertificateStoreLocation", "managedIdentityResourceId"];

    /// <summary>Exchange Online's mailboxes, with the rights that the application has been given.</summary>
    private const string DefaultScope = "https://outlook.office365.com/.default";

    /// <summary>Asks nobody yet. The credential keeps its tokens and renews them in time.</summary>
    public Func<CancellationToken, Task<string>> Of(IConfigurationSection section)
    {
        var credential = components.CreateTokenCredential(section);
        var request = new TokenRequestContext([section["scope"] is { Length: > 0 } scope ? scope : DefaultScope]);
        return async cancellationToken => (await credential.GetTokenAsync(request, cancellationToken)).Token;
    }
}
