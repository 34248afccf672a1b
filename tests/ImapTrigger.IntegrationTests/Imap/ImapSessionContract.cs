using System.Text;
using ImapTrigger.Imap;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Imap;

/// <summary>The idle session on whatever server: select, start, check, done, fetch.</summary>
public abstract class ImapSessionContract(IMailServer server)
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ImapSecurity.None)]
    [InlineData(ImapSecurity.StartTls)]
    [InlineData(ImapSecurity.Tls)]
    public async Task Mail_that_arrives_during_idle_is_announced_and_fetched(ImapSecurity security)
    {
        var user = $"idle-{(int)security}";
        await server.DeliverAsync(user, [Encoding.UTF8.GetBytes("Subject: before\r\n\r\nold\r\n")]);
        await using var session = await ImapSession.ConnectAsync(server.Account(user, security), Token);
        var folder = await session.SelectAsync("INBOX", Token);
        Assert.Equal(server.Traits.SaysUidNext, folder.UidNext is not null);
        var last = folder.UidNext - 1 ?? (await session.SearchAsync(0, Token))[^1];
        await session.Idle.StartAsync(Token);
        Assert.Empty(await session.Idle.CheckAsync(TimeSpan.Zero, Token));

        await server.DeliverAsync(user, [Encoding.UTF8.GetBytes("From: Ann <ann@example.org>\r\nMessage-ID: <1@example.org>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nnew\r\n")]);

        Assert.Contains(new ExistsUpdate(2), await ChecksUntilAsync<ExistsUpdate>(session));
        await session.Idle.DoneAsync();
        var mail = Assert.Single(await session.FetchAsync(last, Token));
        Assert.Equal(("Grüße", "1@example.org", new ImapAddress("Ann", "ann@example.org")), (mail.Subject, mail.MessageId, mail.From[0]));
        Assert.Equal((folder.UidValidity, last + 1, user), (mail.UidValidity, mail.Uid, mail.Account));
        Assert.Empty(await session.FetchAsync(mail.Uid, Token));
        Assert.Empty(await session.SearchAsync(mail.Uid, Token));
    }

    [Fact]
    public async Task An_access_token_logs_in_where_it_can_and_another_one_does_not()
    {
        var account = server.Account("token") with { Password = null };
        var token = server.Traits.HasAccessTokens ? server.AccessTokenOf("token") : "nobody-knows-this-token";
        if (server.Traits.HasAccessTokens)
        {
            await using var session = await ImapSession.ConnectAsync(account with { AccessToken = _ => Task.FromResult(token) }, Token);
            Assert.Equal("INBOX", (await session.SelectAsync("INBOX", Token)).Name);
        }

        var refused = await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(account with { AccessToken = _ => Task.FromResult($"{token}x") }, Token));
        Assert.Equal(ImapSessionError.AuthenticationRefused, refused.Error);
        Assert.Matches(server.Traits.HasAccessTokens ? "refused the access token" : "(refused the|takes no) access token", refused.Message);
        Assert.DoesNotContain(token, refused.ToString(), StringComparison.Ordinal);

        var none = await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(account with { AccessToken = _ => throw new InvalidOperationException("The authority is away.") }, Token));
        Assert.Equal(ImapSessionError.TokenUnavailable, none.Error);
        Assert.Contains("could not get an access token", none.Message, StringComparison.Ordinal);
        Assert.Contains("The authority is away.", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_before_done_fails_with_a_clear_error_and_harms_nothing()
    {
        await using var session = await IdlingAsync("guard");
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => session.FetchAsync(0, Token));
        Assert.Contains("DoneAsync", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => session.Idle.StartAsync(Token));
        await session.Idle.DoneAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => session.Idle.DoneAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => session.Idle.CheckAsync(TimeSpan.Zero, Token));
        Assert.Empty(await session.FetchAsync(0, Token));
    }

    [Fact]
    public async Task Idle_that_renewed_itself_still_hears()
    {
        await using var session = await ImapSession.ConnectAsync(server.Account("renew"), Token);
        await session.SelectAsync("INBOX", Token);
        session.Idle.Renewal = TimeSpan.FromSeconds(1);
        await session.Idle.StartAsync(Token);
        // More than two renewals pass in it, and none of them is an update.
        Assert.DoesNotContain(await session.Idle.CheckAsync(TimeSpan.FromSeconds(2.5), Token), update => update is ExistsUpdate { Count: > 0 });
        await server.DeliverAsync("renew", [Encoding.UTF8.GetBytes("Subject: after\r\n\r\n\r\n")]);
        Assert.Contains(await ChecksUntilAsync<ExistsUpdate>(session), update => update is ExistsUpdate { Count: 1 });
        await session.Idle.DoneAsync();
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_certificate_are_told_apart_and_no_secret_is_told()
    {
        var refused = await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(server.Account("ann") with { Password = "wrong-secret" }, Token));
        Assert.Equal(ImapSessionError.AuthenticationRefused, refused.Error);
        Assert.DoesNotContain("wrong-secret", refused.ToString(), StringComparison.Ordinal);

        var insecure = await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(server.Account("ann") with { CertificateFingerprint = null }, Token));
        Assert.Equal(ImapSessionError.InsecureConnection, insecure.Error);
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_is_named()
    {
        await using var session = await ImapSession.ConnectAsync(server.Account("folder"), Token);
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => session.SelectAsync("No/Such", Token));
        Assert.Equal(ImapSessionError.FolderUnavailable, error.Error);
        Assert.Contains("No/Such", error.Message, StringComparison.Ordinal);
    }

    private async Task<ImapSession> IdlingAsync(string user)
    {
        var session = await ImapSession.ConnectAsync(server.Account(user), Token);
        await session.SelectAsync("INBOX", Token);
        await session.Idle.StartAsync(Token);
        return session;
    }

    private static async Task<List<IdleUpdate>> ChecksUntilAsync<T>(ImapSession session)
        where T : IdleUpdate
    {
        var all = new List<IdleUpdate>();
        while (!all.OfType<T>().Any())
        {
            var updates = await session.Idle.CheckAsync(Long, Token);
            Assert.True(updates.Count > 0, "The server said nothing.");
            all.AddRange(updates);
        }

        return all;
    }
}
