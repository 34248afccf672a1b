using System.Net;
using ImapTrigger.Imap;
using ImapTrigger.IntegrationTests.Servers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>What servers say to who connects and logs in, and that it keeps its meaning.</summary>
public sealed class LoginTests
{
    private const string Capabilities = "IMAP4rev1 SASL-IR AUTH=GSSAPI AUTH=NTLM AUTH=DIGEST-MD5 AUTH=CRAM-MD5 AUTH=SCRAM-SHA-1 AUTH=PLAIN AUTH=LOGIN";
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Case f09.</summary>
    [Theory]
    [InlineData("[UNAVAILABLE] User backend is down for maintenance")]
    [InlineData("[LIMIT] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)")]
    [InlineData("[UNAVAILABLE] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=16)")]
    [InlineData("[INUSE] Mailbox is locked by a POP3 session")]
    [InlineData("[ALERT] Account exceeded command or bandwidth limits. (Failure)")]
    [InlineData("[SERVERBUG] Internal error occurred. Refer to server log for more information.")]
    [InlineData("Server error: database connection lost")]
    public async Task LoginTexts_that_pass_by_themselves_are_patience(string text)
    {
        await using var mailbox = WatchedMailbox.Create();
        mailbox.Faults.RefuseLogin = text;
        await mailbox.RunAsync(time: _time);
        await mailbox.Logs.WaitForAsync(305);
        var said = mailbox.Logs.Entries.First(entry => entry.EventId == 305);
        Assert.Equal(LogLevel.Warning, said.Level);
        Assert.Matches("asks for patience|cannot serve now", said.Text);
        Assert.Contains(text, said.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("password", said.Text, StringComparison.Ordinal);
        mailbox.Faults.RefuseLogin = null;
        Assert.InRange(await _time.PassUntilAsync(() => mailbox.Logs.Has(300), "a session"), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
    }

    /// <summary>Case f09, on the real one.</summary>
    [Fact]
    public async Task DovecotConnectionLimit_is_patience_too()
    {
        await using var dovecot = new DovecotServer { Configured = "mail_max_userip_connections = 1" };
        await dovecot.InitializeAsync();
        await using var first = await ImapSession.ConnectAsync(dovecot.Account("ann"), Token);
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(dovecot.Account("ann"), Token));
        Assert.Equal(ImapSessionError.Throttled, error.Error);
        Assert.Contains("mail_max_userip_connections=1", error.Message, StringComparison.Ordinal);
        await using var other = await ImapSession.ConnectAsync(dovecot.Account("bob"), Token);
    }

    [Theory]
    [InlineData(ImapSecurity.None)]
    [InlineData(ImapSecurity.Tls)]
    public async Task A_wrong_password_is_one_login_on_Dovecot(ImapSecurity security)
    {
        await using var dovecot = new DovecotServer
        {
            Configured = $"auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 oauthbearer xoauth2\npassdb {{\n  driver = static\n  args = password={DovecotServer.Password}\n}}",
        };
        await dovecot.InitializeAsync();
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(dovecot.Account("ann", security) with { Password = "wrong-secret" }, Token));
        Assert.Equal(ImapSessionError.AuthenticationRefused, error.Error);
        Assert.DoesNotContain("wrong-secret", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("auth failed, 1 attempts", await dovecot.WaitForLogAsync("auth failed"), StringComparison.Ordinal);
        await using var session = await ImapSession.ConnectAsync(dovecot.Account("ann", security), Token);
    }

    [Fact]
    public async Task A_wrong_password_is_one_login_per_attempt_where_seven_mechanisms_are_offered_and_the_next_attempt_uses_another()
    {
        await using var server = new ScriptedServer($"* OK [CAPABILITY {Capabilities}] Ready", static (tag, command) => command switch
        {
            "" => $"{tag} unexpected",
            _ when command.StartsWith("LOGOUT", StringComparison.Ordinal) => $"* BYE Good bye\n{tag} OK Bye",
            _ => $"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials",
        });
        var account = server.Account();
        string[] ways = ["AUTHENTICATE SCRAM-SHA-1", "AUTHENTICATE CRAM-MD5", "AUTHENTICATE DIGEST-MD5", "AUTHENTICATE PLAIN", "AUTHENTICATE LOGIN", "LOGIN", "AUTHENTICATE SCRAM-SHA-1"];
        for (var attempt = 1; attempt <= ways.Length; attempt++)
        {
            var error = await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(account, Token));
            Assert.Equal(ImapSessionError.AuthenticationRefused, error.Error);
            var logins = Logins(server);
            Assert.Equal(attempt, logins.Length);
            Assert.StartsWith(ways[attempt - 1], logins[^1], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("NO Unsupported authentication mechanism")]
    [InlineData("BAD Unknown command")]
    public async Task A_mechanism_that_the_server_does_not_know_after_all_is_followed_by_the_next(string refusal)
    {
        await using var server = new ScriptedServer($"* OK [CAPABILITY {Capabilities}] Ready", (tag, command) =>
            command.StartsWith("AUTHENTICATE SCRAM", StringComparison.Ordinal) || command.StartsWith("AUTHENTICATE CRAM", StringComparison.Ordinal) ? $"{tag} {refusal}" : $"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials");
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(server.Account(), Token));
        Assert.Equal(ImapSessionError.AuthenticationRefused, error.Error);
        Assert.Equal(3, Logins(server).Length);
    }

    /// <summary>As many as there are: none of them has looked at the password.</summary>
    [Theory]
    [InlineData("NO Unsupported authentication mechanism")]
    [InlineData("NO [AUTHENTICATIONFAILED] This mechanism is not available for you")]
    [InlineData("NO [CANNOT] Mechanism disabled")]
    [InlineData("NO [AUTHORIZATIONFAILED] no such mechanism")]
    [InlineData("BAD Unknown command")]
    public async Task All_mechanisms_that_are_refused_as_such_are_passed_over_in_one_attempt(string refusal)
    {
        await using var server = new ScriptedServer($"* OK [CAPABILITY {Capabilities}] Ready", (tag, command) =>
            command.StartsWith("AUTHENTICATE", StringComparison.Ordinal) ? $"{tag} {refusal}" : $"{tag} OK Done");
        await using var session = await ImapSession.ConnectAsync(server.Account(), Token);
        Assert.Equal(["SCRAM-SHA-1", "CRAM-MD5", "DIGEST-MD5", "PLAIN", "LOGIN", "ann"], Logins(server).Select(login => login.Split(' ')[1].Trim('"')));
    }

    [Fact]
    public async Task Where_all_are_refused_as_such_the_password_is_not_blamed()
    {
        await using var server = new ScriptedServer($"* OK [CAPABILITY {Capabilities} LOGINDISABLED] Ready", static (tag, _) => $"{tag} NO Unsupported authentication mechanism");
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(server.Account(), Token));
        Assert.Equal(ImapSessionError.AuthenticationRefused, error.Error);
        Assert.Contains("takes none of the ways to log in", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("refused the user name", error.Message, StringComparison.Ordinal);
        Assert.Equal(5, Logins(server).Length);
    }

    /// <summary>What was said to one mechanism is not told of the next.</summary>
    [Fact]
    public async Task The_next_mechanism_has_an_answer_of_its_own()
    {
        await using var server = new ScriptedServer($"* OK [CAPABILITY {Capabilities}] Ready", static (tag, command) =>
            command.StartsWith("AUTHENTICATE SCRAM", StringComparison.Ordinal) ? $"{tag} NO [CANNOT] Mechanism disabled" : null);
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(server.Account(), Token));
        Assert.Equal(ImapSessionError.ConnectionLost, error.Error);
        Assert.DoesNotContain("Mechanism", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[AUTHENTICATIONFAILED] Invalid credentials (mechanism PLAIN)")]
    [InlineData("[AUTHENTICATIONFAILED] Authentication failed by this mechanism")]
    public async Task A_wrong_password_in_whatever_words_is_one_login(string refusal)
    {
        await using var server = new ScriptedServer($"* OK [CAPABILITY {Capabilities}] Ready", (tag, _) => $"{tag} NO {refusal}");
        await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(server.Account(), Token));
        Assert.Single(Logins(server));
    }

    [Fact]
    public async Task What_passes_by_itself_is_one_login_too()
    {
        await using var server = new ScriptedServer($"* OK [CAPABILITY {Capabilities}] Ready", static (tag, _) => $"{tag} NO [UNAVAILABLE] Later");
        Assert.Equal(ImapSessionError.ServerUnavailable, (await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(server.Account(), Token))).Error);
        Assert.Single(Logins(server));
    }

    /// <summary>Dovecot says UNAVAILABLE to a mechanism that no password database serves; another one would do.</summary>
    [Fact]
    public async Task A_mechanism_that_cannot_work_is_followed_by_one_that_does_in_the_next_attempt()
    {
        await using var dovecot = new DovecotServer { Configured = "auth_mechanisms = plain login scram-sha-256 oauthbearer xoauth2" };
        await dovecot.InitializeAsync();
        var account = dovecot.Account("ann");
        await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(account, Token));
        for (var i = 0; i < 2; i++)
            await using (await ImapSession.ConnectAsync(account, Token))
            {
            }
    }

    [Theory]
    [InlineData("* BYE Too many connections from your address", ImapSessionError.Throttled, "asks for patience")]
    [InlineData("* BYE [UNAVAILABLE] Down for maintenance", ImapSessionError.ServerUnavailable, "Down for maintenance")]
    [InlineData("* BYE [ALERT] Not from there", ImapSessionError.ConnectionLost, "greets with BYE")]
    [InlineData("* BYE Not from there", ImapSessionError.ConnectionLost, "Not from there")]
    [InlineData("* BYE", ImapSessionError.ConnectionLost, "greets with BYE")]
    public async Task A_BYE_as_greeting_says_what_it_is(string greeting, ImapSessionError expected, string text)
    {
        await using var server = new ScriptedServer(greeting, static (_, _) => null);
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(server.Account(), Token));
        Assert.Equal(expected, error.Error);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Internal error occurred. Refer to server log for more information.", ImapSessionError.ServerUnavailable)]
    [InlineData("[LIMIT] Too many sessions", ImapSessionError.Throttled)]
    [InlineData("[ALERT] Your mailbox has moved", ImapSessionError.ConnectionLost)]
    public async Task A_BYE_after_login_says_what_it_is(string text, ImapSessionError expected)
    {
        await using var server = new ScriptedServer($"* OK [CAPABILITY {Capabilities}] Ready", (tag, command) => command switch
        {
            _ when command.StartsWith("AUTHENTICATE SCRAM", StringComparison.Ordinal) => $"{tag} OK Logged in",
            _ => $"* BYE {text}",
        });
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(server.Account(), Token));
        Assert.Equal(expected, error.Error);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ImapSecurity.None)]
    [InlineData(ImapSecurity.StartTls)]
    public async Task PREAUTH_is_named_and_nothing_is_watched_as_somebody_unknown(ImapSecurity security)
    {
        await using var server = new ScriptedServer("* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] Logged in as root", static (tag, command) => command switch
        {
            _ when command.StartsWith("STARTTLS", StringComparison.Ordinal) => $"{tag} BAD Not now",
            _ => $"{tag} OK Done",
        });
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(server.Account(security), Token));
        Assert.Equal(ImapSessionError.AuthenticationRefused, error.Error);
        Assert.Contains("PREAUTH", error.Message, StringComparison.Ordinal);
        Assert.Empty(Logins(server));
    }

    /// <summary>Whoever sits in between could take the offer away.</summary>
    [Fact]
    public async Task Where_STARTTLS_is_not_offered_no_password_is_sent()
    {
        await using var server = new ScriptedServer("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] Ready", static (tag, _) => $"{tag} OK Done");
        await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(server.Account(ImapSecurity.StartTls), Token));
        Assert.Empty(Logins(server));
    }

    [Fact]
    public async Task LOGINDISABLED_is_named_and_no_password_is_sent()
    {
        await using var server = new ScriptedServer("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=GSSAPI AUTH=NTLM] Ready", static (tag, _) => $"{tag} OK Done");
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(server.Account(), Token));
        Assert.Equal(ImapSessionError.InsecureConnection, error.Error);
        Assert.Contains("LOGINDISABLED", error.Message, StringComparison.Ordinal);
        Assert.Empty(server.Commands);
    }

    [Fact]
    public async Task A_server_that_refuses_what_it_offers_beside_the_login_is_watched_nevertheless()
    {
        await using var server = new ScriptedServer("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR ID ENABLE QRESYNC] Ready", static (tag, command) => command switch
        {
            _ when command.StartsWith("ID", StringComparison.Ordinal) || command.StartsWith("ENABLE", StringComparison.Ordinal) => $"{tag} NO Not for you",
            _ when command.StartsWith("CAPABILITY", StringComparison.Ordinal) => $"* CAPABILITY IMAP4rev1 ID ENABLE QRESYNC\n{tag} OK Done",
            _ when command.StartsWith("LOGOUT", StringComparison.Ordinal) => $"* BYE Good bye\n{tag} OK Bye",
            _ => $"{tag} OK Done",
        });
        await using var session = await ImapSession.ConnectAsync(server.Account(), Token);
        Assert.Contains(server.Commands, command => command.StartsWith("ENABLE", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("::1")]
    [InlineData("[::1]")]
    public async Task An_IPv6_address_is_reached_with_brackets_and_without(string host)
    {
        await using var server = new ScriptedServer("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] Ready", static (tag, command) => command.StartsWith("AUTH", StringComparison.Ordinal) ? $"{tag} NO Nein" : $"{tag} OK Done", IPAddress.IPv6Loopback);
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(server.Account() with { Host = host }, Token));
        Assert.Equal(ImapSessionError.AuthenticationRefused, error.Error);
    }

    private static string[] Logins(ScriptedServer server) =>
        [.. server.Commands.Where(command => command.StartsWith("AUTHENTICATE", StringComparison.Ordinal) || command.StartsWith("LOGIN", StringComparison.Ordinal))];
}
