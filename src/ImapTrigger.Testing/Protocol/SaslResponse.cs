using System.Text;

namespace ImapTrigger.Testing.Protocol;

/// <summary>What a client says to log in by SASL: a password, or an access token.</summary>
internal sealed record SaslResponse(string User, string? Password, string? AccessToken)
{
    private const string Bearer = "auth=Bearer ";

    /// <exception cref="BadCommandException">It is no response of that mechanism.</exception>
    public static SaslResponse Read(string mechanism, string base64)
    {
        var bytes = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, bytes, out var length))
            throw new BadCommandException("The response is not base64");
        var text = Encoding.UTF8.GetString(bytes, 0, length);
        return (mechanism == "PLAIN" ? ReadPlain(text) : ReadToken(mechanism, text)) ?? throw new BadCommandException($"That is not a {mechanism} response");
    }

    /// <summary>RFC 4616, 2.</summary>
    private static SaslResponse? ReadPlain(string text) => text.Split('\0') is [_, var user, var password] ? new SaslResponse(user, password, null) : null;

    /// <summary>Key-value pairs between control characters: RFC 7628, 3.1, and XOAUTH2 before it.</summary>
    private static SaslResponse? ReadToken(string mechanism, string text)
    {
        var parts = text.Split('\u0001');
        var user = mechanism == "XOAUTH2" ? After(parts[0], "user=") : parts[0].Split(',').Select(part => After(part, "a=")).FirstOrDefault(name => name is not null);
        var token = parts.Select(part => After(part, Bearer)).FirstOrDefault(found => found is not null);
        return user is null || token is null ? null : new SaslResponse(user, null, token);
    }

    private static string? After(string text, string prefix) => text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : null;
}
