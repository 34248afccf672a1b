using System.Text;
using ImapTrigger.Imap;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Imap;

/// <summary>Metadata as the message has it, and whole messages whatever they are, on whatever server.</summary>
public abstract class MetadataContract(IMailServer server)
{
    private readonly string _user = $"user-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> NoMessages => new(
        "Sub ject: m\r\n\r\nx\r\n", ": x\r\nSubject: m\r\n\r\nx\r\n", "", "\tfolded\r\nSubject: m\r\n\r\nx\r\n", "\u00ff\u00d8\u00ff\u00e0\0\u0010JFIF", "this is no header\r\nSubject: m\r\n\r\nx\r\n",
        "\0\0\0\0\r\n\r\nx\r\n", "hello", "\r\n", "\n", "From nobody Mon Nov 23 10:00:00 2026\r\n", "\r\r\r", ">From x\r\n", "\u00ef\u00bb\u00bfSubject: m\r\n\r\nx\r\n");

    [Fact]
    public async Task Quoted_local_parts_are_addresses()
    {
        var mail = await FetchAsync("From: \"user,1\"@example.org\r\nTo: a@example.org, \"user 2\"@example.org, Bob <\"b@c\"@example.org>\r\nCc: x: \"in group\"@example.org, y@example.org;\r\nSubject: quoted\r\n\r\nHi\r\n");
        Assert.Equal([new ImapAddress(null, "\"user,1\"@example.org")], mail.From);
        Assert.Equal([new ImapAddress(null, "a@example.org"), new ImapAddress(null, "\"user 2\"@example.org"), new ImapAddress("Bob", "\"b@c\"@example.org")], mail.To);
        Assert.Equal([new ImapAddress(null, "\"in group\"@example.org"), new ImapAddress(null, "y@example.org")], mail.Cc);
        Assert.Equal(mail.From, mail.ReplyTo);
        Assert.True(mail.Complete);
    }

    [Theory]
    [InlineData("=?iso-8859-1?Q?Gr\u00fc\u00dfe?=", "Gr\u00fc\u00dfe")]
    [InlineData("=?windows-1252?Q?\u0080 5?=", "\u20ac 5")]
    [InlineData("=?gb2312?Q?\u00c4\u00e3\u00ba\u00c3?=", "\u4f60\u597d")]
    [InlineData("=?koi8-r?Q?\u00f0\u00d2\u00c9\u00d7\u00c5\u00d4?=", "\u041f\u0440\u0438\u0432\u0435\u0442")]
    [InlineData("=?utf-8?Q?Gr\u00c3\u00bc\u00c3\u009fe?=", "Gr\u00fc\u00dfe")]
    [InlineData("Gr\u00c3\u00bc\u00c3\u009fe", "Gr\u00fc\u00dfe")]
    public async Task Bytes_within_an_encoded_word_are_in_its_charset(string word, string text)
    {
        var mail = await FetchAsync($"From: {word} <j@example.org>\r\nSubject: {word}\r\n\r\nHi\r\n");
        Assert.Equal((text, new ImapAddress(text, "j@example.org")), (mail.Subject, mail.From[0]));
    }

    [Theory]
    [InlineData("undisclosed-recipients:;", "")]
    [InlineData("undisclosed-recipients", "")]
    [InlineData("Undisclosed recipients: ;", "")]
    [InlineData("<>", "")]
    [InlineData("", "")]
    [InlineData("root", "root")]
    [InlineData("Ann <ann>", "ann")]
    [InlineData("a@example.org, , b@example.org", "a@example.org b@example.org")]
    [InlineData("a@example.org b@example.org", null)]
    [InlineData("Ann <ann@example.org", null)]
    [InlineData("<<a@@b..org", null)]
    [InlineData("@", null)]
    [InlineData("a@", null)]
    [InlineData("\"Ann", null)]
    [InlineData("a@[127.0.0.1]", "a@[127.0.0.1]")]
    [InlineData("friends: a@example.org, Bob <b@example.org>;, c@example.org", "a@example.org b@example.org c@example.org")]
    public async Task A_servers_placeholders_are_no_addresses(string header, string? addresses)
    {
        var mail = await FetchAsync($"From: ann@example.org\r\nTo: {header}\r\nCc: {header}\r\nSubject: x\r\n\r\nHi\r\n");
        string[] signs = ["MISSING", "SYNTAX", "INVALID", "UNEXPECTED", "undisclosed", "unspecified"];
        Assert.DoesNotContain(mail.To.Concat(mail.Cc), address => signs.Any(sign => address.Address.Contains(sign, StringComparison.OrdinalIgnoreCase)));
        if (addresses is not null)
            Assert.Equal(addresses, string.Join(' ', mail.To.Select(to => to.Address)));
        Assert.Equal("ann@example.org", Assert.Single(mail.From).Address);
    }

    [Theory]
    [InlineData("IMAGE/PNG", "image/png")]
    [InlineData("Application/X-Thing; charset=X", "application/x-thing")]
    [InlineData("", null)]
    [InlineData("/", null)]
    [InlineData("image", null)]
    [InlineData("/png", null)]
    [InlineData("(((", null)]
    public async Task An_attachments_type_is_one(string type, string? expected)
    {
        var mail = await FetchAsync(
            "From: ann@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHi\r\n"
            + $"--b\r\nContent-Type: {type}\r\nContent-Disposition: attachment; filename=a.bin\r\n\r\nx\r\n--b--\r\n");
        var attachment = Assert.Single(mail.Attachments);
        Assert.Matches("^[a-z0-9.+-]+/[a-z0-9.+-]+$", attachment.ContentType);
        if (expected is not null)
            Assert.Equal(expected, attachment.ContentType);
    }

    /// <summary>f11.</summary>
    [Theory]
    [MemberData(nameof(NoMessages))]
    public async Task A_message_that_is_none_harms_nobody(string text)
    {
        var raw = Encoding.Latin1.GetBytes(text);
        await server.DeliverAsync(_user, [raw, OddMessages.Plain("good")]);
        await using var session = await OpenAsync();
        var uids = await session.SearchAsync(0, Token);
        var (messages, failure) = await session.FetchAsync(uids, FetchRung.All, Token);
        Assert.Null(failure);
        Assert.Equal(uids, messages.Select(message => message.Uid));
        Assert.NotNull(await session.ReadRawAsync(uids[0], Token));
        try
        {
            Assert.NotNull(await session.ReadMessageAsync(uids[0], Token));
        }
        catch (FormatException e)
        {
            Assert.StartsWith($"Message {uids[0]} ", e.Message, StringComparison.Ordinal);
        }

        Assert.Equal("good", (await session.ReadMessageAsync(uids[1], Token))!.Subject);
        Assert.Null(await session.ReadMessageAsync(uids[1] + 1, Token));
    }

    [Fact]
    public async Task Messages_nested_a_thousand_deep_are_read()
    {
        await server.DeliverAsync(_user, [OddMessages.Multiparts(1000), OddMessages.Forwards(1000), OddMessages.Plain("good")]);
        await using var session = await OpenAsync();
        var uids = await session.SearchAsync(0, Token);
        Assert.All(uids, uid => Assert.NotNull(session.ReadMessageAsync(uid, Token).GetAwaiter().GetResult()));
    }

    /// <summary>What a header says of its message comes in the same answer, in the header's order.</summary>
    [Fact]
    public async Task The_guards_are_read_from_the_header()
    {
        var mail = await FetchAsync(
            "Authentication-Results: mx.example.org;\r\n\tdkim=pass header.d=contoso.com;\r\n\tdmarc=fail (p=none) header.from=contoso.com\r\nReceived: from x by mx.example.org;\r\n\tMon, 23 Nov 2026 10:00:00 +0100\r\n"
            + "Authentication-Results: mx.example.org; dmarc=pass header.from=contoso.com; spf=pass\r\nReceived: from evil.example\r\nList-Id: Developers <dev.example.org>\r\nReferences: <1@example.org>\r\n\t<2@example.org>\r\n"
            + "X-PRIORITY: 1\r\nFrom: news@contoso.com\r\nSubject: x\r\nx-priority: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nHi\r\n",
            "X-Priority", "X-None");
        Assert.Equal((true, ImapMessageKind.List, "dev.example.org"), (mail.Complete, mail.Kind, mail.ListId));
        Assert.Equal(["1@example.org", "2@example.org"], mail.References);
        Assert.Equal(("mx.example.org", false, ImapAuthenticationResult.Pass, ImapAuthenticationResult.Fail, null), (mail.Authentication!.AuthservId, mail.Authentication.Verified, mail.Authentication.Dkim, mail.Authentication.Dmarc, mail.Authentication.Spf));
        Assert.Equal(["1", "Gr\u00fc\u00dfe"], mail.Headers["X-Priority"]);
        Assert.Empty(mail.Headers["X-None"]);
    }

    [Fact]
    public async Task A_header_of_a_megabyte_says_nothing_and_is_no_hindrance()
    {
        await server.DeliverAsync(_user, [Encoding.ASCII.GetBytes($"Received: {string.Concat(Enumerable.Repeat("from x\r\n\t", 100_000))}\r\nFrom: news@contoso.com\r\nSubject: large\r\n\r\nHi\r\n")]);
        foreach (var rung in Enum.GetValues<FetchRung>())
        {
            await using var session = await OpenAsync();
            var (messages, failure) = await session.FetchAsync(await session.SearchAsync(0, Token), rung, Token);
            if (rung < FetchRung.WithoutFields)
            {
                Assert.Equal((0, true), (messages.Count, failure!.EndsSession));
                continue;
            }

            Assert.Null(failure);
            var mail = Assert.Single(messages);
            Assert.Equal((rung == FetchRung.Bare ? null : "large", null, null), (mail.Subject, mail.Kind, mail.Authentication));
            Assert.Contains("fields of the header (HEADER.FIELDS)", mail.IncompleteReason, StringComparison.Ordinal);
        }
    }

    protected async Task<ImapSession> OpenAsync(string? user = null)
    {
        var session = await ImapSession.ConnectAsync(server.Account(user ?? _user, ImapSecurity.None), Token);
        await session.SelectAsync("INBOX", Token);
        return session;
    }

    private async Task<ImapEvent> FetchAsync(string message, params string[] headers)
    {
        await server.DeliverAsync(_user, [Encoding.Latin1.GetBytes(message)]);
        await using var session = await OpenAsync();
        session.Headers = headers;
        return Assert.Single(await session.FetchAsync(0, Token));
    }
}
