using Azure;
using Azure.Core;
using Microsoft.Extensions.Azure;
using Microsoft.Extensions.Configuration;

namespace ImapTrigger.Connections;

/// <summary>A mailbox's settings -> its access tokens: of Microsoft Entra by the names that Azure's own extensions use, of Google, of any service by a refresh token, or of the user's own code.</summary>
internal sealed class AccessTokens(AzureComponentFactory components, TokenEndpoint endpoint, IEnumerable<IImapTokenProvider> providers, TimeProvider time)
{
    /// <summary>What the factory of Azure's credentials reads of a section.</summary>
    private static readonly string[] Entra = ["credential", "tenantId", "clientId", "clientSecret", "clientCertificate", "clientCertificateStoreName", "clientCertificateStoreLocation", "managedIdentityResourceId"];

    private static readonly string[] Refreshing = ["refreshToken", "tokenEndpoint", "clientId", "clientSecret"];
    private static readonly string[] OfServiceAccount = ["serviceAccountKey"];
    private static readonly string[] Federated = ["workloadIdentityProvider", "serviceAccount", "audience", .. Entra];

    /// <summary>Exchange Online's mailboxes, with the rights that the application has been given.</summary>
    private const string ExchangeScope = "https://outlook.office365.com/.default";

    /// <summary>The settings of all ways.</summary>
    public static string[] Known { get; } = [.. Entra.Union(Refreshing).Union(OfServiceAccount).Union(Federated)];

    /// <summary>The settings of the way that these choose by their first.</summary>
    public static string[] KnownIn(IConfigurationSection section) =>
        new[] { Refreshing, OfServiceAccount, Federated }.FirstOrDefault(way => section[way[0]] is not null) ?? Entra;

    /// <summary>What must not be told of it.</summary>
    public static IReadOnlyList<string> SecretsIn(IConfigurationSection section)
    {
        var secrets = new[] { section["clientSecret"], section["refreshToken"], section["serviceAccountKey"] }.OfType<string>().Where(secret => secret.Length > 0).ToList();
        try
        {
            if (section["serviceAccountKey"] is { Length: > 0 } key)
                secrets.Add(ServiceAccount.Read(key).PrivateKey);
        }
        catch (FormatException)
        {
            // Said where it is used.
        }

        return secrets;
    }

    /// <summary>Of the user's own code.</summary>
    /// <returns>Null when there is none.</returns>
    public Func<CancellationToken, Task<string>>? OfProvider(string host, string userName) =>
        providers.LastOrDefault() is { } provider ? cancellationToken => provider.GetAccessTokenAsync(host, userName, cancellationToken) : null;

    /// <summary>Asks nobody yet. Tokens are kept, and renewed ahead of their end.</summary>
    /// <param name="section">The mailbox's.</param>
    /// <param name="userName">For whom.</param>
    /// <param name="wrong">Hears of mistakes: the setting, and what is wrong with it.</param>
    public Func<CancellationToken, Task<string>> Of(IConfigurationSection section, string userName, Action<string, string> wrong)
    {
        var way = KnownIn(section);
        if (way == Refreshing)
            return Kept(new RefreshToken(endpoint, Address(section, wrong), RefreshForm(section, wrong)).AskAsync);
        var scope = section["scope"] is { Length: > 0 } chosen ? chosen : way == Entra ? ExchangeScope : ServiceAccount.GmailScope;
        if (way == OfServiceAccount)
            return OfKey(section, userName, scope, wrong);
        if (way == Entra)
            return Azure(section, scope);

        var audience = Required(section, "audience", "the Application ID URI that the pool's provider accepts, such as api://...", wrong);
        var provider = Required(section, "workloadIdentityProvider", "the provider's full name", wrong);
        if (provider.Length > 0 && !provider.StartsWith("//iam.googleapis.com/projects/", StringComparison.Ordinal))
            wrong("workloadIdentityProvider", "must be //iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER");
        var identity = new WorkloadIdentity(endpoint, Azure(section, audience + "/.default"), provider, Required(section, "serviceAccount", "its mail address", wrong), time);
        return Kept(cancellationToken => identity.AskAsync(userName, scope, cancellationToken));
    }

    private Func<CancellationToken, Task<string>> OfKey(IConfigurationSection section, string userName, string scope, Action<string, string> wrong)
    {
        try
        {
            var account = ServiceAccount.Read(section["serviceAccountKey"]!);
            return Kept(cancellationToken => endpoint.AskAsync(account.Endpoint, ServiceAccount.Form(account.Sign(userName, scope, time.GetUtcNow())), cancellationToken));
        }
        catch (FormatException e)
        {
            wrong("serviceAccountKey", e.Message);
            return _ => throw new InvalidOperationException("Never asked: there is a mistake in the settings.");
        }
    }

    private Func<CancellationToken, Task<string>> Azure(IConfigurationSection section, string scope)
    {
        var credential = components.CreateTokenCredential(section);
        var request = new TokenRequestContext([scope]);
        return async cancellationToken =>
        {
            try
            {
                return (await credential.GetTokenAsync(request, cancellationToken)).Token;
            }
            catch (Exception e) when (IsTransient(e) && !cancellationToken.IsCancellationRequested)
            {
                throw new ImapTokenException(e.Message, e) { IsTransient = true };
            }
        };
    }

    private Func<CancellationToken, Task<string>> Kept(Func<CancellationToken, Task<IssuedToken>> ask) => new KeptToken(ask, time).GetAsync;

    /// <summary>The service that gives tokens is down, far, or asks for patience.</summary>
    private static bool IsTransient(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is HttpRequestException or TaskCanceledException || (e is RequestFailedException { Status: 0 or 408 or 429 or >= 500 }))
                return true;
        }

        return false;
    }

    private static Dictionary<string, string> RefreshForm(IConfigurationSection section, Action<string, string> wrong)
    {
        var form = new Dictionary<string, string>
        {
            ["refresh_token"] = Required(section, "refreshToken", "what the service gave when somebody agreed", wrong),
            ["client_id"] = Required(section, "clientId", "the application, as the service knows it", wrong),
        };
        if (section["clientSecret"] is { Length: > 0 } secret)
            form["client_secret"] = secret;
        if (section["scope"] is { Length: > 0 } scope)
            form["scope"] = scope;
        return form;
    }

    private static Uri Address(IConfigurationSection section, Action<string, string> wrong)
    {
        var text = Required(section, "tokenEndpoint", "where the service gives tokens: https://...", wrong);
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)))
            return address;
        if (text.Length > 0)
            wrong("tokenEndpoint", "must be a URL that begins with https://");
        return ServiceAccount.GoogleEndpoint;
    }

    private static string Required(IConfigurationSection section, string key, string what, Action<string, string> wrong)
    {
        if (section[key] is { } value && !string.IsNullOrWhiteSpace(value))
            return value;
        wrong(key, $"is missing or empty; it is {what}");
        return "";
    }
}
