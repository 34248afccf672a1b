using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ImapTrigger.Connections;

/// <summary>
/// A Google service account with domain-wide delegation: what it signs says for whom a token is wanted (RFC 7523).
/// Sources: developers.google.com/identity/protocols/oauth2/service-account, "Preparing to make an authorized API call", HTTP/REST.
/// </summary>
internal sealed class ServiceAccount
{
    public const string GmailScope = "https://mail.google.com/";
    public static readonly Uri GoogleEndpoint = new("https://oauth2.googleapis.com/token");
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private ServiceAccount(string email, string keyId, string privateKey, Uri endpoint) => (Email, KeyId, PrivateKey, Endpoint) = (email, keyId, privateKey, endpoint);

    public Uri Endpoint { get; }

    public string PrivateKey { get; }

    private string Email { get; }

    private string KeyId { get; }

    /// <param name="value">The key file as Google hands it out, or its full path.</param>
    /// <exception cref="FormatException">It is none; the message says why, for a person, and holds nothing of it.</exception>
    public static ServiceAccount Read(string value)
    {
        try
        {
            var text = value.TrimStart().StartsWith('{') ? value : File.ReadAllText(value);
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            string Of(string name) => root.TryGetProperty(name, out var part) && part.GetString() is { Length: > 0 } found ? found : throw new FormatException($"has no '{name}': it must be the JSON key file of a service account");
            if (Of("type") != "service_account")
                throw new FormatException("is not of type service_account");
            var account = new ServiceAccount(Of("client_email"), Of("private_key_id"), Of("private_key"), new Uri(Of("token_uri")));
            using var key = RSA.Create();
            key.ImportFromPem(account.PrivateKey);
            return account.Endpoint.Scheme == Uri.UriSchemeHttps || account.Endpoint.IsLoopback ? account : throw new FormatException("has a token_uri that is not https");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"is the path of a file that cannot be read ({e.GetType().Name})");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or UriFormatException or ArgumentException or CryptographicException)
        {
            // Without the cause: its message may repeat a part of the key.
            throw new FormatException("must be the JSON key file of a service account, or its full path");
        }
    }

    /// <summary>The form that asks for a token (RFC 7523, 2.1).</summary>
    public static Dictionary<string, string> Form(string assertion) => new() { ["grant_type"] = "urn:ietf:params:oauth:grant-type:jwt-bearer", ["assertion"] = assertion };

    /// <summary>Who asks for whom, for what, whom, and until when (RFC 7519, 4.1).</summary>
    public static string Claims(string email, string userName, string scope, Uri endpoint, DateTimeOffset now) => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["iss"] = email,
        ["sub"] = userName,
        ["scope"] = scope,
        ["aud"] = endpoint.OriginalString,
        ["iat"] = now.ToUnixTimeSeconds(),
        ["exp"] = (now + Life).ToUnixTimeSeconds(),
    });

    /// <summary>A signed assertion (RFC 7515, RS256).</summary>
    public string Sign(string userName, string scope, DateTimeOffset now)
    {
        var header = JsonSerializer.Serialize(new Dictionary<string, string> { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = KeyId });
        var signed = $"{Base64Url(Encoding.UTF8.GetBytes(header))}.{Base64Url(Encoding.UTF8.GetBytes(Claims(Email, userName, scope, Endpoint, now)))}";
        using var key = RSA.Create();
        key.ImportFromPem(PrivateKey);
        return $"{signed}.{Base64Url(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Base64Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
