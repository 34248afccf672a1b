using System.Collections.Concurrent;
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

    /// <summary>One identity asks once for a token, however many mailboxes it opens, and however often settings are read.</summary>
    private readonly ConcurrentDictionary<string, Func<CancellationToken, Task<string>>> _identities = new(StringComparer.Ordinal);

    /// <summary>The settings of all ways.</summary>
    public static string[] Known { get; } = [.. Entra.Union(Refreshing).Union(OfServiceAccount).Union(Federated)];

    /// <summary>The settings of the way that these choose by their first.</summary>
    public static string[] KnownIn(SettingGroup settings) =>
        new[] { Refreshing, OfServiceAccount, Federated }.FirstOrDefault(way => settings.Find(way[0]) is not null) ?? Entra;

    /// <summary>What must not be told of it.</summary>
    public static IReadOnlyList<string> SecretsIn(SettingGroup settings)
    {
        var secrets = new[] { settings.Find("clientSecret"), settings.Find("refreshToken"), settings.Find("serviceAccountKey") }.OfType<string>().ToList();
        try
        {
            if (settings.Find("serviceAccountKey") is { } key)
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
    /// <param name="settings">The mailbox's.</param>
    /// <param name="userName">For whom.</param>
    /// <param name="wrong">Hears of mistakes: the setting, and what is wrong with it.</param>
    public Func<CancellationToken, Task<string>> Of(SettingGroup settings, string userName, Action<string, string> wrong)
    {
        var way = KnownIn(settings);
        if (way == Refreshing)
            return Kept(settings, userName, new RefreshToken(endpoint, Address(settings, wrong), RefreshForm(settings, wrong)).AskAsync);
        var scope = settings.Find("scope") is { } chosen ? chosen : way == Entra ? ExchangeScope : ServiceAccount.GmailScope;
        if (way == OfServiceAccount)
            return OfKey(settings, userName, scope, wrong);
        if (way == Entra)
            return Azure(settings, scope);

        var audience = Required(settings, "audience", "the Application ID URI that the pool's provider accepts, such as api://...", wrong);
        var provider = Required(settings, "workloadIdentityProvider", "the provider's full name", wrong);
        if (provider.Length > 0 && !provider.StartsWith("//iam.googleapis.com/projects/", StringComparison.Ordinal))
            wrong("workloadIdentityProvider", "must be //iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER");
        var identity = new WorkloadIdentity(endpoint, Azure(settings, audience + "/.default"), provider, Required(settings, "serviceAccount", "its mail address", wrong), time);
        return Kept(settings, userName, cancellationToken => identity.AskAsync(userName, scope, cancellationToken));
    }

    private Func<CancellationToken, Task<string>> OfKey(SettingGroup settings, string userName, string scope, Action<string, string> wrong)
    {
        try
        {
            var account = ServiceAccount.Read(settings.Find("serviceAccountKey")!);
            return Kept(settings, userName, cancellationToken => endpoint.AskAsync(account.Endpoint, ServiceAccount.Form(account.Sign(userName, scope, time.GetUtcNow())), cancellationToken));
        }
        catch (FormatException e)
        {
            wrong("serviceAccountKey", e.Message);
            return _ => throw new InvalidOperationException("Never asked: there is a mistake in the settings.");
        }
    }

    // The identity is the app's, whoever's mailbox it opens.
    private Func<CancellationToken, Task<string>> Azure(SettingGroup settings, string scope) => _identities.GetOrAdd($"{Identity(settings, "")}\n{scope}", _ => NewAzure(settings, scope));

    private Func<CancellationToken, Task<string>> NewAzure(SettingGroup settings, string scope)
    {
        var identity = Entra.Select(key => KeyValuePair.Create(key, settings.Find(key))).Where(setting => setting.Value is not null);
        var credential = components.CreateTokenCredential(new ConfigurationBuilder().AddInMemoryCollection(identity).Build());
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

    /// <summary>Of the same settings and for the same user the same, which holds its token and whatever it was given to ask the next one with.</summary>
    private Func<CancellationToken, Task<string>> Kept(SettingGroup settings, string userName, Func<CancellationToken, Task<IssuedToken>> ask) =>
        _identities.GetOrAdd(Identity(settings, userName), _ => new KeptToken(ask, time).GetAsync);

    private static string Identity(SettingGroup settings, string userName) => string.Join('\n', Known.Append("scope").Select(settings.Find).Append(userName));

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

    private static Dictionary<string, string> RefreshForm(SettingGroup settings, Action<string, string> wrong)
    {
        var form = new Dictionary<string, string>
        {
            ["refresh_token"] = Required(settings, "refreshToken", "what the service gave when somebody agreed", wrong),
            ["client_id"] = Required(settings, "clientId", "the application, as the service knows it", wrong),
        };
        if (settings.Find("clientSecret") is { } secret)
            form["client_secret"] = secret;
        if (settings.Find("scope") is { } scope)
            form["scope"] = scope;
        return form;
    }

    private static Uri Address(SettingGroup settings, Action<string, string> wrong)
    {
        var text = Required(settings, "tokenEndpoint", "where the service gives tokens: https://...", wrong);
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)))
            return address;
        if (text.Length > 0)
            wrong("tokenEndpoint", "must be a URL that begins with https://");
        return ServiceAccount.GoogleEndpoint;
    }

    private static string Required(SettingGroup settings, string key, string what, Action<string, string> wrong)
    {
        if (settings.Find(key) is { } value)
            return value;
        wrong(key, $"is missing or empty; it is {what}");
        return "";
    }
}
