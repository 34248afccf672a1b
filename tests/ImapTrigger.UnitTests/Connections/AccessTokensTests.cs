using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Web;
using ImapTrigger.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Connections;

/// <summary>Each way to a token, against stand-ins that check every field by its documentation.</summary>
public sealed class AccessTokensTests : IDisposable
{
    private const string Provider = "//iam.googleapis.com/projects/4711/locations/global/workloadIdentityPools/azure/providers/entra";
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly RSA _key = RSA.Create(2048);

    public void Dispose() => _key.Dispose();

    [Fact]
    public async Task A_refresh_token_is_shown_where_the_settings_say_and_the_newest_is_kept()
    {
        var service = new Services();
        service.Answers("https://id.example.org/token", form => new { access_token = $"for {form["refresh_token"]}", expires_in = 3600, refresh_token = $"after {form["refresh_token"]}" });
        var account = Find(service, ("tokenEndpoint", "https://id.example.org/token"), ("refreshToken", "first"), ("clientId", "app"), ("clientSecret", "s3cret"), ("scope", "mail"));
        Assert.Equal("for first", await account.AccessToken!(TestContext.Current.CancellationToken));
        Assert.Equal("client_id=app&client_secret=s3cret&grant_type=refresh_token&refresh_token=first&scope=mail", service.Asked.Single());

        // Ahead of its end, and not before.
        _time.Advance(TimeSpan.FromMinutes(54));
        Assert.Equal("for first", await account.AccessToken(TestContext.Current.CancellationToken));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("for after first", await account.AccessToken(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Of_a_short_life_four_fifths_are_used_and_many_who_wait_ask_once()
    {
        var service = new Services();
        service.Answers("https://id.example.org/token", _ => new { access_token = $"{service.Asked.Count}", expires_in = "60" });
        var account = Find(service, ("tokenEndpoint", "https://id.example.org/token"), ("refreshToken", "r"), ("clientId", "app"));
        var tokens = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => account.AccessToken!(TestContext.Current.CancellationToken)));
        Assert.All(tokens, token => Assert.Equal("1", token));
        _time.Advance(TimeSpan.FromSeconds(47));
        Assert.Equal("1", await account.AccessToken!(TestContext.Current.CancellationToken));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("2", await account.AccessToken(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_service_account_signs_for_the_mailbox()
    {
        var service = new Services();
        service.Answers("https://oauth2.googleapis.com/token", _ => new { access_token = "of Google", expires_in = 3599, token_type = "Bearer" });
        var account = Find(service, ("serviceAccountKey", KeyFile()));
        Assert.Equal("of Google", await account.AccessToken!(TestContext.Current.CancellationToken));
        var form = HttpUtility.ParseQueryString(service.Asked.Single());
        Assert.Equal("urn:ietf:params:oauth:grant-type:jwt-bearer", form["grant_type"]);
        var parts = form["assertion"]!.Split('.');
        Assert.True(_key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), FromBase64Url(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        Assert.Equal("""{"alg":"RS256","typ":"JWT","kid":"key-1"}""", Encoding.UTF8.GetString(FromBase64Url(parts[0])));
        AssertClaims(Encoding.UTF8.GetString(FromBase64Url(parts[1])));
        // Whoever has the key is the account: it is searched for in whatever is told.
        Assert.Contains(account.Secrets.Words, secret => secret.Contains("PRIVATE KEY", StringComparison.Ordinal) && !secret.Contains("client_email", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_any_key_an_Azure_identity_becomes_the_service_account_that_signs()
    {
        var service = new Services();
        service.Answers("https://sts.googleapis.com/v1/token", form =>
        {
            Assert.Equal("urn:ietf:params:oauth:grant-type:token-exchange", form["grant_type"]);
            Assert.Equal("urn:ietf:params:oauth:token-type:jwt", form["subject_token_type"]);
            Assert.Equal("urn:ietf:params:oauth:token-type:access_token", form["requested_token_type"]);
            Assert.Equal(Provider, form["audience"]);
            Assert.Equal("https://www.googleapis.com/auth/iam", form["scope"]);
            // NamingComponents: tenant, client, scope of the identity.
            Assert.Equal("/identity/api://google/.default", form["subject_token"]);
            return new { access_token = "federated", expires_in = 3600, token_type = "Bearer" };
        });
        service.AnswersJson("https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/mail%40project.iam.gserviceaccount.com:signJwt", "Bearer federated", body =>
        {
            AssertClaims(body.GetProperty("payload").GetString()!);
            return new { keyId = "k", signedJwt = "signed.by.google" };
        });
        service.Answers("https://oauth2.googleapis.com/token", form =>
        {
            Assert.Equal(("urn:ietf:params:oauth:grant-type:jwt-bearer", "signed.by.google"), (form["grant_type"], form["assertion"]));
            return new { access_token = "for the mailbox", expires_in = 3599 };
        });
        var account = Find(service, ("workloadIdentityProvider", Provider), ("serviceAccount", "mail@project.iam.gserviceaccount.com"), ("audience", "api://google"), ("credential", "managedidentity"), ("clientId", "identity"));
        Assert.Equal("for the mailbox", await account.AccessToken!(TestContext.Current.CancellationToken));
        Assert.Equal(3, service.Asked.Count);
    }

    [Fact]
    public async Task The_users_own_provider_is_asked()
    {
        var accounts = new ImapAccounts(Settings(("authentication", "tokenProvider")), NamingComponents.Tokens(providers: new OwnProvider()));
        Assert.Equal("mail.example.org/ann@example.org", await Assert.Single(accounts.Find("Imap", "OnMail").Mailboxes).Account.AccessToken!(TestContext.Current.CancellationToken));
        Assert.Contains("needs an IImapTokenProvider in the host's services", Problems(("authentication", "tokenProvider")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(429, "7", """{"error":"slow_down"}""", true, 7)]
    [InlineData(503, null, "<html>down</html>", true, null)]
    [InlineData(400, null, """{"error":"invalid_grant","error_description":"Token has been expired or revoked."}""", false, null)]
    [InlineData(401, null, """{"error":"invalid_client"}""", false, null)]
    [InlineData(403, null, """{"error":{"code":403,"message":"Permission 'iam.serviceAccounts.signJwt' denied","status":"PERMISSION_DENIED"}}""", false, null)]
    [InlineData(302, null, "", false, null)]
    [InlineData(200, null, "[]", false, null)]
    [InlineData(200, null, """{"expires_in":3600}""", false, null)]
    [InlineData(200, null, """{"access_token":5}""", false, null)]
    public async Task Refusals_say_what_to_do_and_patience_is_told_from_mistakes(int status, string? retryAfter, string body, bool transient, int? seconds)
    {
        var service = new Services();
        service.Says("https://id.example.org/token", status, retryAfter, body);
        var account = Find(service, ("tokenEndpoint", "https://id.example.org/token"), ("refreshToken", "r3fresh"), ("clientId", "app"));
        var e = await Assert.ThrowsAsync<ImapTokenException>(() => account.AccessToken!(TestContext.Current.CancellationToken));
        Assert.Equal((transient, seconds is { } s ? TimeSpan.FromSeconds(s) : (TimeSpan?)null), (e.IsTransient, e.RetryAfter));
        Assert.Contains("id.example.org", e.Message, StringComparison.Ordinal);
        // A failure is not kept.
        service.Answers("https://id.example.org/token", _ => new { access_token = "later" });
        Assert.Equal("later", await account.AccessToken!(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("refreshToken=r", "Imap__tokenEndpoint' is missing or empty")]
    [InlineData("refreshToken=r;tokenEndpoint=https://h/t", "Imap__clientId' is missing or empty")]
    [InlineData("refreshToken=r;clientId=c;tokenEndpoint=http://h/t", "Imap__tokenEndpoint' must be a URL that begins with https://")]
    [InlineData("refreshToken=r;clientId=c;tokenEndpoint=https://h/t;tenantId=t", "Imap__tenantId' is of another way to get a token than Imap__refreshToken")]
    [InlineData("serviceAccountKey={}", "Imap__serviceAccountKey' has no 'type'")]
    [InlineData("serviceAccountKey=/no/such/file.json", "Imap__serviceAccountKey' is the path of a file that cannot be read")]
    [InlineData("serviceAccountKey={\"type\":\"service_account\",\"client_email\":\"a\",\"private_key_id\":\"k\",\"private_key\":\"hunter2\",\"token_uri\":\"https://h/t\"}", "Imap__serviceAccountKey' must be the JSON key file")]
    [InlineData("workloadIdentityProvider=projects/1", "must be //iam.googleapis.com/projects/NUMBER")]
    [InlineData("workloadIdentityProvider=projects/1", "Imap__serviceAccount' is missing or empty")]
    [InlineData("workloadIdentityProvider=projects/1", "Imap__audience' is missing or empty")]
    public void A_mistake_names_its_setting(string settings, string problem)
    {
        var said = Problems([.. settings.Split(';').Select(setting => setting.Split('=', 2)).Select(parts => (parts[0], parts[1])), ("authentication", "oauth2")]);
        Assert.Contains(problem, said, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", said, StringComparison.Ordinal);
    }

    private void AssertClaims(string json)
    {
        using var claims = JsonDocument.Parse(json);
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        Assert.Equal("mail@project.iam.gserviceaccount.com", claims.RootElement.GetProperty("iss").GetString());
        Assert.Equal("ann@example.org", claims.RootElement.GetProperty("sub").GetString());
        Assert.Equal("https://mail.google.com/", claims.RootElement.GetProperty("scope").GetString());
        Assert.Equal("https://oauth2.googleapis.com/token", claims.RootElement.GetProperty("aud").GetString());
        Assert.Equal((now, now + 3600), (claims.RootElement.GetProperty("iat").GetInt64(), claims.RootElement.GetProperty("exp").GetInt64()));
    }

    private ImapAccount Find(Services services, params (string Key, string Value)[] settings) =>
        Assert.Single(new ImapAccounts(Settings([.. settings, ("authentication", "oauth2")]), NamingComponents.Tokens(new TokenEndpoint(services), _time)).Find("Imap", "OnMail").Mailboxes).Account;

    private static string Problems(params (string Key, string Value)[] settings) =>
        Assert.Throws<SettingsException>(() => new ImapAccounts(Settings(settings), NamingComponents.Tokens()).Find("Imap", "OnMail")).ToString();

    private static IConfiguration Settings(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Concat([("host", "mail.example.org"), ("userName", "ann@example.org")]).Select(setting => KeyValuePair.Create("Imap:" + setting.Item1, (string?)setting.Item2))).Build();

    private string KeyFile() => JsonSerializer.Serialize(new
    {
        type = "service_account", project_id = "project", private_key_id = "key-1", private_key = _key.ExportPkcs8PrivateKeyPem(),
        client_email = "mail@project.iam.gserviceaccount.com", client_id = "4711", token_uri = "https://oauth2.googleapis.com/token",
    });

    private static byte[] FromBase64Url(string text) => Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '='));

    private sealed class OwnProvider : IImapTokenProvider
    {
        public Task<string> GetAccessTokenAsync(string host, string userName, CancellationToken cancellationToken) => Task.FromResult($"{host}/{userName}");
    }

    /// <summary>The token services of the world, as far as a test says what they answer.</summary>
    private sealed class Services : HttpMessageHandler
    {
        private readonly Dictionary<string, Func<HttpRequestMessage, string, HttpResponseMessage>> _answers = [];

        /// <summary>The bodies that came, a form's fields in the order of their names.</summary>
        public List<string> Asked { get; } = [];

        public void Answers(string address, Func<IReadOnlyDictionary<string, string>, object> answer) => _answers[address] = (_, body) =>
        {
            var form = HttpUtility.ParseQueryString(body);
            return Json(answer(form.AllKeys.ToDictionary(key => key!, key => form[key]!)));
        };

        public void AnswersJson(string address, string authorization, Func<JsonElement, object> answer) => _answers[address] = (request, body) =>
        {
            Assert.Equal(authorization, request.Headers.Authorization!.ToString());
            return Json(answer(JsonDocument.Parse(body).RootElement));
        };

        public void Says(string address, int status, string? retryAfter, string body) => _answers[address] = (_, _) =>
        {
            var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body) };
            if (retryAfter is not null)
                response.Headers.Add("Retry-After", retryAfter);
            return response;
        };

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = await request.Content!.ReadAsStringAsync(cancellationToken);
            lock (Asked)
                Asked.Add(body.StartsWith('{') ? body : string.Join('&', body.Split('&').Order(StringComparer.Ordinal)));
            return _answers[request.RequestUri!.AbsoluteUri](request, body);
        }

        private static HttpResponseMessage Json(object value) => new(HttpStatusCode.OK) { Content = new StringContent(JsonSerializer.Serialize(value)) };
    }
}
