using ImapTrigger.Imap;

namespace ImapTrigger.UnitTests.Imap;

/// <summary>Codes of RFC 5530 and RFC 9051, and words that servers use instead -> what is meant.</summary>
public sealed class RefusalsTests
{
    [Theory]
    [InlineData("UNAVAILABLE", Refusal.Unavailable)]
    [InlineData("SERVERBUG", Refusal.Unavailable)]
    [InlineData("INUSE", Refusal.Unavailable)]
    [InlineData("CORRUPTION", Refusal.Unavailable)]
    [InlineData("LIMIT", Refusal.Limit)]
    [InlineData("OVERQUOTA", Refusal.Limit)]
    [InlineData("AUTHENTICATIONFAILED", Refusal.Credentials)]
    [InlineData("AUTHORIZATIONFAILED", Refusal.Forbidden)]
    [InlineData("NOPERM", Refusal.Forbidden)]
    [InlineData("CONTACTADMIN", Refusal.Forbidden)]
    [InlineData("CANNOT", Refusal.Forbidden)]
    [InlineData("EXPIRED", Refusal.Expired)]
    [InlineData("PRIVACYREQUIRED", Refusal.Unprotected)]
    [InlineData("NONEXISTENT", Refusal.Missing)]
    [InlineData("TRYCREATE", Refusal.Missing)]
    [InlineData("ALERT", Refusal.Unclear)]
    [InlineData("X-SOMETHING", Refusal.Unclear)]
    public void A_code_says_it_whatever_its_case(string code, int meaning)
    {
        Assert.Equal((Refusal)meaning, Of($"[{code}] Some text"));
        Assert.Equal((Refusal)meaning, Of($"[{code.ToLowerInvariant()} argument] Some text"));
    }

    [Theory]
    [InlineData("[UNAVAILABLE] User backend is down for maintenance", Refusal.Unavailable)]
    [InlineData("[LIMIT] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)", Refusal.Limit)]
    [InlineData("[UNAVAILABLE] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=16)", Refusal.Limit)]
    [InlineData("[INUSE] Mailbox is locked by a POP3 session", Refusal.Unavailable)]
    [InlineData("[ALERT] Account exceeded command or bandwidth limits. (Failure)", Refusal.Limit)]
    [InlineData("[SERVERBUG] Internal error occurred. Refer to server log for more information.", Refusal.Unavailable)]
    [InlineData("Server error: database connection lost", Refusal.Unavailable)]
    [InlineData("[ALERT] Too many simultaneous connections. (Failure)", Refusal.Limit)]
    [InlineData("Request is throttled. Suggested Backoff Time: 299961 milliseconds", Refusal.Limit)]
    [InlineData("[AUTHENTICATIONFAILED] Too many failed logins; try again later", Refusal.Limit)]
    [InlineData("[AUTHENTICATIONFAILED] Temporary failure of the directory", Refusal.Unavailable)]
    [InlineData("Maximum number of connections reached", Refusal.Limit)]
    [InlineData("Login rate limit hit", Refusal.Limit)]
    [InlineData("Internal error", Refusal.Unavailable)]
    [InlineData("Internal server error", Refusal.Unavailable)]
    [InlineData("Backend is down", Refusal.Unavailable)]
    [InlineData("Mailbox is locked", Refusal.Unavailable)]
    [InlineData("Mailbox already in use by another session", Refusal.Unavailable)]
    [InlineData("Please try again in 5 minutes", Refusal.Unavailable)]
    [InlineData("Service not available", Refusal.Unavailable)]
    [InlineData("System is busy", Refusal.Unavailable)]
    [InlineData("Cannot connect to authentication server", Refusal.Unavailable)]
    [InlineData("Connection to backend refused", Refusal.Unavailable)]
    [InlineData("Authentication timed out", Refusal.Unavailable)]
    [InlineData("Login is temporarily disabled", Refusal.Unavailable)]
    [InlineData("Access denied: the service is under maintenance", Refusal.Unavailable)]
    [InlineData("Server shutting down", Refusal.Unavailable)]
    public void What_passes_by_itself_is_no_wrong_password(string text, int meaning) => Assert.Equal((Refusal)meaning, Of(text));

    [Theory]
    [InlineData("[AUTHENTICATIONFAILED] Authentication failed.")]
    [InlineData("[ALERT] Invalid credentials (Failure)")]
    [InlineData("[ALERT] Please log in via your web browser: https://example.org (Failure)")]
    [InlineData("[ALERT] Application-specific password required")]
    [InlineData("[ALERT] Your account is not enabled for IMAP use.")]
    [InlineData("[ALERT] IMAP access is disabled for your domain. Please contact your domain administrator.")]
    [InlineData("Incorrect username or password")]
    [InlineData("Invalid password. Please try again")]
    [InlineData("Your account has been locked, verify your identity")]
    [InlineData("Server says: invalid credentials")]
    [InlineData("Access to this server is denied")]
    [InlineData("Password expired")]
    public void What_a_person_must_mend_is_no_reason_to_wait(string text) => Assert.Equal(Refusal.Credentials, Of(text));

    [Theory]
    [InlineData("AUTHENTICATE failed.")]
    [InlineData("Login failed")]
    [InlineData("LOGIN error")]
    [InlineData("Nein")]
    [InlineData("")]
    public void What_says_nothing_is_unclear(string text) => Assert.Equal(Refusal.Unclear, Of(text));

    [Theory]
    [InlineData("Mailbox doesn't exist: Archive")]
    [InlineData("Mailbox does not exist")]
    [InlineData("No such mailbox")]
    [InlineData("Folder 'Archive' not found")]
    public void A_mailbox_that_there_is_not_may_be_told_in_words(string text) => Assert.Equal(Refusal.Missing, Of(text));

    [Theory]
    [InlineData("NO", "Unsupported authentication mechanism")]
    [InlineData("NO", "AUTHENTICATE CRAM-MD5 is not supported")]
    [InlineData("BAD", "Syntax error")]
    public void A_mechanism_that_is_not_known_is_told_from_a_login_that_failed(string status, string text) => Assert.Equal(Refusal.Unsupported, Of(text, status));

    [Theory]
    [InlineData("[PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure (SSL/TLS) connections.")]
    [InlineData("Plaintext authentication disallowed on non-secure (SSL/TLS) connections.")]
    [InlineData("Must use STARTTLS before login")]
    [InlineData("SSL/TLS required")]
    public void A_wish_for_TLS_is_told_from_a_connection_in_trouble(string text) => Assert.Equal(Refusal.Unprotected, Of(text));

    [Theory]
    [InlineData("BYE", "Too many simultaneous connections", true)]
    [InlineData("BYE", "[LIMIT] Session limit", true)]
    [InlineData("BYE", "FETCH failed: Internal error occurred. Refer to server log for more information.", false)]
    [InlineData("BYE", "FETCH failed: too many attributes", false)]
    [InlineData("BYE", "Autologout; idle for too long", false)]
    [InlineData("NO", "[LIMIT] At most 32 flags in one mailbox supported", false)]
    [InlineData("NO", "Too many flags; the limit is 32, try again later", false)]
    [InlineData("NO", "This message mentions too many connections", false)]
    [InlineData("BAD", "Request is throttled. Suggested Backoff Time: 92415 milliseconds", true)]
    public void Only_what_is_about_the_connection_holds_for_the_host(string status, string text, bool expected) =>
        Assert.Equal(expected, Refusals.IsAboutConnection(ServerAnswer.Of(status, text)));

    [Theory]
    [InlineData("Suggested Backoff Time: 299961 milliseconds", 299_961)]
    [InlineData("Suggested Backoff Time: 999999999999 milliseconds", 3_600_000)]
    [InlineData("Suggested Backoff Time: soon", null)]
    public void A_pause_is_as_the_server_says_and_an_hour_at_most(string text, int? milliseconds) =>
        Assert.Equal(milliseconds, (int?)Refusals.RetryAfter(ServerAnswer.Of("BAD", text))?.TotalMilliseconds);

    private static Refusal Of(string text, string status = "NO") => Refusals.Of(ServerAnswer.Of(status, text));
}
