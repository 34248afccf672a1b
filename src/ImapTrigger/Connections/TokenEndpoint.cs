using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace ImapTrigger.Connections;

/// <summary>A token and how long it holds.</summary>
/// <param name="Value">The token itself.</param>
/// <param name="Life">From when it was asked for.</param>
/// <param name="RefreshToken">What to ask the next one with, where the service hands out a new one each time (RFC 6749, 6).</param>
internal sealed record IssuedToken(string Value, TimeSpan Life, string? RefreshToken);

/// <summary>Services that give tokens, over HTTPS: a form or JSON goes in, JSON comes out.</summary>
internal sealed class TokenEndpoint(HttpMessageHandler handler) : IDisposable
{
    /// <summary>Where a service does not say how long a token holds (RFC 6749, 5.1: it should).</summary>
    private static readonly TimeSpan UnsaidLife = TimeSpan.FromMinutes(5);

    // Names are looked up again every few minutes, so that a service may move.
    private readonly HttpClient _http = new(handler) { Timeout = TimeSpan.FromSeconds(30), MaxResponseContentBufferSize = 256 * 1024 };

    public TokenEndpoint()
        : this(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(10), AllowAutoRedirect = false })
    {
    }

    /// <summary>An access token for what the form says (RFC 6749, 5).</summary>
    /// <exception cref="ImapTokenException">There is none.</exception>
    public async Task<IssuedToken> AskAsync(Uri endpoint, IEnumerable<KeyValuePair<string, string>> form, CancellationToken cancellationToken)
    {
        using var content = new FormUrlEncodedContent(form);
        var answer = await PostAsync(endpoint, content, bearer: null, cancellationToken);
        if (Text(answer, "access_token") is not { Length: > 0 } token)
            throw new ImapTokenException($"{endpoint.Host} answered without an access_token.");
        return new IssuedToken(token, LifeOf(answer), Text(answer, "refresh_token"));
    }

    /// <summary>What the service answers to this request.</summary>
    /// <exception cref="ImapTokenException">It refused, is down, or answered something else than a JSON object.</exception>
    public async Task<JsonElement> PostAsync(Uri endpoint, HttpContent content, string? bearer, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = content };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (bearer is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            var answer = Json(await response.Content.ReadAsStringAsync(cancellationToken));
            if (response.IsSuccessStatusCode)
                return answer ?? throw new ImapTokenException($"{endpoint.Host} answered something else than JSON; check the address of the token endpoint.");
            throw Refused(endpoint, response, answer);
        }
        catch (HttpRequestException e)
        {
            throw new ImapTokenException($"{endpoint.Host} could not be reached: {e.Message}", e) { IsTransient = true };
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ImapTokenException($"{endpoint.Host} did not answer within {_http.Timeout.TotalSeconds:0} s.", e) { IsTransient = true };
        }
    }

    public void Dispose() => _http.Dispose();

    private static ImapTokenException Refused(Uri endpoint, HttpResponseMessage response, JsonElement? answer)
    {
        var isTransient = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)response.StatusCode >= 500;
        // RFC 6749, 5.2; Google's other services put an object there, with a message.
        var (code, text) = answer is not { } json ? (null, null)
            : json.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object ? (Text(error, "status"), Text(error, "message"))
            : (Text(json, "error"), Text(json, "error_description"));
        var said = string.Join(": ", new[] { code, text }.OfType<string>());
        return new ImapTokenException($"{endpoint.Host} refused ({(int)response.StatusCode}{(said.Length > 0 ? $", {said}" : "")}).{(isTransient ? "" : Advice(code))}")
        {
            IsTransient = isTransient,
            RetryAfter = response.Headers.RetryAfter is { } after ? after.Delta ?? (after.Date - response.Headers.Date) : null,
        };
    }

    /// <summary>A number, which some write as text.</summary>
    private static TimeSpan LifeOf(JsonElement answer) =>
        answer.TryGetProperty("expires_in", out var value) && double.TryParse(value.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 1e9
            ? TimeSpan.FromSeconds(seconds)
            : UnsaidLife;

    /// <summary>The words of RFC 6749, 5.2, as what there is to do.</summary>
    private static string Advice(string? code) => code switch
    {
        "invalid_client" => " Check clientId and clientSecret: the service does not know them together; a secret may have ended.",
        "invalid_grant" => " What was shown for a token has ended, was revoked, or is somebody else's: get a new refresh token (or key), or check userName.",
        "invalid_scope" => " Check scope.",
        "unauthorized_client" => " The client may not ask in this way: for a service account, give it domain-wide delegation for the scope.",
        "unsupported_grant_type" => " Check the address of the token endpoint.",
        _ => "",
    };

    private static JsonElement? Json(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 16 });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
