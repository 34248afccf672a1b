using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Servers;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using MailKit.Security;
using MimeKit;

namespace ImapTrigger.IntegrationTests.Imap;

/// <summary>What MailKit sees of a server: the in-process one is measured by running the same on real ones.</summary>
public abstract class ImapServerContract(IMailServer server)
{
    private static readonly DateTimeOffset Date = new(2026, 2, 3, 4, 5, 6, TimeSpan.FromHours(-3.5));
    private readonly string _user = $"user-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_appended_message_is_kept_byte_for_byte_with_its_flags_and_date()
    {
        using var client = await ConnectAsync();
        var inbox = await OpenAsync(client);
        var raw = OddMessages.Plain("bytes");
        var message = await MimeMessage.LoadAsync(new MemoryStream(raw), Token);
        var uid = await inbox.AppendAsync(new AppendRequest(message, MessageFlags.Flagged, ["Mine"], Date), Token);
        // Courier tells the client that appended it no sooner.
        await client.NoOpAsync(Token);
        var summary = Assert.Single(await inbox.FetchAsync([uid!.Value], MessageSummaryItems.Fast | MessageSummaryItems.UniqueId | MessageSummaryItems.Envelope, Token));
        Assert.Equal((MessageFlags.Flagged, Date, (uint)raw.Length), (summary.Flags!.Value & ~MessageFlags.Recent, summary.InternalDate!.Value, summary.Size!.Value));
        Assert.Equal(["Mine"], summary.Keywords);
        Assert.Equal(("bytes", "bytes@example.org", "ann@example.org"), (summary.Envelope!.Subject, summary.Envelope.MessageId, summary.Envelope.From.Mailboxes.Single().Address));
        await using var stream = await inbox.GetStreamAsync(uid.Value, "", Token);
        using var got = new MemoryStream();
        await stream.CopyToAsync(got, Token);
        Assert.Equal(raw, got.ToArray());
    }

    [Fact]
    public async Task Parts_of_a_message_are_described_and_fetched_alone()
    {
        using var client = await ConnectAsync();
        var inbox = await OpenAsync(client);
        var inner = new MimeMessage { Subject = "inner", Body = new TextPart("plain") { Text = "inside\r\n" } };
        inner.From.Add(new MailboxAddress("", "inner@example.org"));
        var body = new BodyBuilder { TextBody = "plain text\r\n", HtmlBody = "<p>html</p>\r\n" };
        body.Attachments.Add("r\u00e9sum\u00e9.pdf", [1, 2, 3], new ContentType("application", "pdf"));
        body.Attachments.Add(new MessagePart { Message = inner });
        var uid = await inbox.AppendAsync(new MimeMessage { Subject = "outer", Body = body.ToMessageBody() }, cancellationToken: Token);
        // Courier tells the client that appended it no sooner.
        await client.NoOpAsync(Token);

        var summary = Assert.Single(await inbox.FetchAsync([uid!.Value], MessageSummaryItems.BodyStructure | MessageSummaryItems.UniqueId, Token));
        Assert.Equal("1.1", summary.TextBody!.PartSpecifier);
        Assert.Equal("1.2", summary.HtmlBody!.PartSpecifier);
        var pdf = Assert.Single(summary.Attachments.OfType<BodyPartBasic>(), part => part.ContentType.IsMimeType("application", "pdf"));
        Assert.Equal("r\u00e9sum\u00e9.pdf", pdf.FileName);
        var rfc822 = Assert.Single(Parts(summary.Body!).OfType<BodyPartMessage>());
        Assert.Equal("inner", rfc822.Envelope!.Subject);

        var text = Assert.IsType<TextPart>(await inbox.GetBodyPartAsync(uid.Value, summary.TextBody, Token));
        Assert.Equal("plain text", text.Text.TrimEnd());
        var attachment = Assert.IsType<MimePart>(await inbox.GetBodyPartAsync(uid.Value, pdf, Token));
        using var content = new MemoryStream();
        await attachment.Content!.DecodeToAsync(content, Token);
        Assert.Equal([1, 2, 3], content.ToArray());
        await using var subject = await inbox.GetStreamAsync(uid.Value, "HEADER.FIELDS (SUBJECT)", Token);
        using var reader = new StreamReader(subject);
        Assert.Equal("Subject: outer", (await reader.ReadToEndAsync(Token)).TrimEnd());
        await using var part = await inbox.GetStreamAsync(uid.Value, "1.1", 2, 4, Token);
        using var some = new StreamReader(part);
        Assert.Equal("ain ", await some.ReadToEndAsync(Token));
    }

    [Fact]
    public async Task Messages_are_found_by_what_is_in_them_and_on_them()
    {
        using var client = await ConnectAsync();
        var inbox = await OpenAsync(client);
        await server.DeliverAsync(_user, [OddMessages.Plain("one"), OddMessages.Plain("two"), OddMessages.Plain("three")]);
        await client.NoOpAsync(Token);
        var all = await inbox.SearchAsync(SearchQuery.All, Token);
        Assert.Equal(3, all.Count);
        await inbox.AddFlagsAsync(all[0], MessageFlags.Seen, silent: true, Token);
        await inbox.AddFlagsAsync([all[1]], MessageFlags.None, new HashSet<string> { "Mine" }, silent: true, Token);

        await FindsAsync([0], SearchQuery.Seen);
        await FindsAsync([1, 2], SearchQuery.NotSeen);
        await FindsAsync([1], SearchQuery.HasKeyword("Mine"));
        await FindsAsync([2], SearchQuery.SubjectContains("THREE"));
        await FindsAsync([0, 1, 2], SearchQuery.FromContains("ann@"));
        await FindsAsync([1], SearchQuery.HeaderContains("Message-ID", "two@"));
        await FindsAsync([0, 2], SearchQuery.SubjectContains("one").Or(SearchQuery.SubjectContains("three")));
        await FindsAsync([], SearchQuery.LargerThan(100_000));
        await FindsAsync([0, 1, 2], SearchQuery.BodyContains("hello"));
        await FindsAsync([], SearchQuery.DeliveredBefore(DateTime.Today.AddDays(-2)));
        await FindsAsync([1, 2], SearchQuery.Uids(new UniqueIdRange(all[1], UniqueId.MaxValue)));
        await FindsAsync(server.Traits.FindsTheLast ? [2] : [], SearchQuery.Uids(new UniqueIdRange(new UniqueId(all[2].Id + 100), UniqueId.MaxValue)));

        async Task FindsAsync(int[] wanted, SearchQuery query) => Assert.Equal(wanted.Select(i => all[i]), (await inbox.SearchAsync(query, Token)).Order());
    }

    [Fact]
    public async Task Flags_are_stored_and_a_client_that_idles_is_told()
    {
        await server.DeliverAsync(_user, [OddMessages.Plain("one")]);
        using var client = await ConnectAsync();
        var inbox = await OpenAsync(client);
        var uid = Assert.Single(await inbox.SearchAsync(SearchQuery.All, Token));
        await using var watcher = await Watcher.StartAsync(await ConnectAsync());
        await inbox.AddFlagsAsync([uid], MessageFlags.Answered, new HashSet<string> { "Mine" }, silent: false, Token);
        var flags = await watcher.Flags.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Equal(0, flags.Index);
        Assert.Contains("Mine", flags.Keywords);
        await inbox.SetFlagsAsync([uid], MessageFlags.Draft, silent: true, Token);
        var summary = Assert.Single(await inbox.FetchAsync([uid], MessageSummaryItems.Flags | MessageSummaryItems.UniqueId, Token));
        Assert.Equal(MessageFlags.Draft, summary.Flags!.Value & ~MessageFlags.Recent);
        Assert.Empty(summary.Keywords);
    }

    [Fact]
    public async Task Expunging_by_UID_removes_that_message_alone_and_a_client_that_idles_is_told()
    {
        await server.DeliverAsync(_user, [OddMessages.Plain("one"), OddMessages.Plain("two")]);
        using var client = await ConnectAsync();
        var inbox = await OpenAsync(client);
        var uids = await inbox.SearchAsync(SearchQuery.All, Token);
        await using var watcher = await Watcher.StartAsync(await ConnectAsync());
        await inbox.AddFlagsAsync(uids, MessageFlags.Deleted, silent: true, Token);
        await inbox.ExpungeAsync([uids[1]], Token);
        Assert.Equal(1, await watcher.Expunged.Task.WaitAsync(TimeSpan.FromSeconds(30), Token));
        Assert.Equal([uids[0]], await inbox.SearchAsync(SearchQuery.All, Token));
        await inbox.CloseAsync(expunge: true, Token);
        await inbox.OpenAsync(FolderAccess.ReadOnly, Token);
        Assert.Equal(0, inbox.Count);
    }

    [Fact]
    public async Task Messages_are_copied_and_moved_and_the_new_UIDs_are_told()
    {
        await server.DeliverAsync(_user, [OddMessages.Plain("one"), OddMessages.Plain("two")]);
        using var client = await ConnectAsync();
        var inbox = await OpenAsync(client);
        var uids = await inbox.SearchAsync(SearchQuery.All, Token);
        var archive = (await client.GetFolder(client.PersonalNamespaces[0]).CreateAsync("Archive", isMessageFolder: true, Token))!;
        var copied = await inbox.CopyToAsync([uids[0]], archive, Token);
        var moved = await inbox.MoveToAsync([uids[1]], archive, Token);
        Assert.Equal([uids[0]], await inbox.SearchAsync(SearchQuery.All, Token));
        await archive.OpenAsync(FolderAccess.ReadOnly, Token);
        Assert.Equal([copied[uids[0]], moved[uids[1]]], await archive.SearchAsync(SearchQuery.All, Token));
        Assert.Equal("two", (await archive.GetMessageAsync(moved[uids[1]], Token)).Subject);
    }

    [Fact]
    public async Task Folders_are_made_listed_asked_after_renamed_and_removed()
    {
        using var client = await ConnectAsync();
        var orders = (await client.GetFolder(client.PersonalNamespaces[0]).CreateAsync("Orders", isMessageFolder: true, Token))!;
        await orders.AppendAsync(await MimeMessage.LoadAsync(new MemoryStream(OddMessages.Plain("one")), Token), cancellationToken: Token);
        await orders.StatusAsync(StatusItems.Count | StatusItems.UidNext | StatusItems.UidValidity | StatusItems.Unread, Token);
        Assert.Equal((1, 1), (orders.Count, orders.Unread));
        Assert.True(orders.UidNext!.Value.Id > 1 && orders.UidValidity > 0);
        var folders = await client.GetFoldersAsync(client.PersonalNamespaces[0], cancellationToken: Token);
        Assert.Contains(folders, folder => folder.FullName == server.Traits.PathOf("Orders"));
        await orders.RenameAsync(orders.ParentFolder!, "Old", Token);
        await orders.StatusAsync(StatusItems.Count, Token);
        Assert.Equal((server.Traits.PathOf("Old"), 1), (orders.FullName, orders.Count));
        Assert.DoesNotContain(await client.GetFoldersAsync(client.PersonalNamespaces[0], cancellationToken: Token), folder => folder.FullName == server.Traits.PathOf("Orders") && folder.Exists);
        await orders.DeleteAsync(Token);
        Assert.DoesNotContain(await client.GetFoldersAsync(client.PersonalNamespaces[0], cancellationToken: Token), folder => folder.FullName == server.Traits.PathOf("Old") && folder.Exists);
    }

    [Fact]
    public async Task A_folder_that_is_examined_stays_as_it_is()
    {
        await server.DeliverAsync(_user, [OddMessages.Plain("one")]);
        using var client = await ConnectAsync();
        await client.Inbox!.OpenAsync(FolderAccess.ReadOnly, Token);
        var uid = Assert.Single(await client.Inbox.SearchAsync(SearchQuery.All, Token));
        await client.Inbox.GetMessageAsync(uid, Token);
        Assert.Equal([uid], await client.Inbox.SearchAsync(SearchQuery.NotSeen, Token));
        Assert.Equal(FolderAccess.ReadOnly, client.Inbox.Access);
    }

    [Fact]
    public async Task What_a_client_says_wrongly_is_refused_and_the_connection_goes_on()
    {
        var account = server.Account(_user, ImapSecurity.None);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(account.Host, account.Port!.Value, Token);
        using var reader = new StreamReader(tcp.GetStream(), Encoding.ASCII);
        await using var writer = new StreamWriter(tcp.GetStream(), Encoding.ASCII) { NewLine = "\r\n", AutoFlush = true };
        var greeting = await reader.ReadLineAsync(Token);
        Assert.StartsWith("* OK", greeting, StringComparison.Ordinal);
        var literal = greeting!.Contains("LITERAL+", StringComparison.Ordinal) ? $"{{{account.Password!.Length}+}}\r\n" : "";
        Assert.StartsWith($"a1 {server.Traits.Misunderstood}", await AskAsync("a1 NONSENSE"), StringComparison.Ordinal);
        Assert.StartsWith("a2 NO", await AskAsync($"a2 LOGIN {_user} wrong"), StringComparison.Ordinal);
        Assert.StartsWith("a3 OK", await AskAsync($"a3 LOGIN {_user} {literal}{account.Password}"), StringComparison.Ordinal);
        Assert.StartsWith($"a4 {server.Traits.Misunderstood}", await AskAsync("a4 FETCH 1 (FLAGS)"), StringComparison.Ordinal);
        Assert.StartsWith("a5 NO", await AskAsync("a5 SELECT \"No such\""), StringComparison.Ordinal);
        Assert.StartsWith("a6 OK", await AskAsync("a6 SELECT inbox"), StringComparison.Ordinal);
        Assert.StartsWith($"a7 {server.Traits.Misunderstood}", await AskAsync("a7 UID FETCH 1:* (NOTHING)"), StringComparison.Ordinal);
        Assert.StartsWith($"a8 {server.Traits.Misunderstood}", await AskAsync("a8 UID SEARCH UID x"), StringComparison.Ordinal);
        Assert.StartsWith("b1 NO", await AskAsync("b1 CREATE INBOX"), StringComparison.Ordinal);
        Assert.StartsWith("a9 OK", await AskAsync("a9 LOGOUT"), StringComparison.Ordinal);
        Assert.Null(await reader.ReadLineAsync(Token));

        async Task<string> AskAsync(string command)
        {
            await writer.WriteLineAsync(command);
            while (await reader.ReadLineAsync(Token) is { } line)
            {
                if (line.StartsWith(command[..3], StringComparison.Ordinal))
                    return line;
            }

            return "the connection ended";
        }
    }

    [Fact]
    public async Task What_it_says_it_can_do_is_what_the_page_on_servers_says()
    {
        var page = File.ReadLines(Path.Combine(Repository.Root, "docs/providers.md")).SkipWhile(line => !line.StartsWith("| capability |", StringComparison.Ordinal))
            .TakeWhile(line => line.StartsWith('|')).Select(line => line.Split('|', StringSplitOptions.TrimEntries)).ToArray();
        var column = Array.IndexOf(page[0], server.Traits.Name);
        Assert.True(column > 0, $"docs/providers.md does not know {server.Traits.Name}.");
        await using var client = await RawImap.LogInAsync(server.Account(_user, ImapSecurity.None));
        var can = (await client.AskAsync("CAPABILITY"))[0].Split(' ');
        Assert.All(page[2..], row => Assert.Equal((row[1], can.Contains(row[1].Trim('`')) ? "yes" : "no"), (row[1], row[column])));
        Assert.Equal(server.Traits.HasMove, can.Contains("MOVE"));
        Assert.Equal(server.Traits.HasId, can.Contains("ID"));
    }

    private static IEnumerable<BodyPart> Parts(BodyPart part) =>
        part is BodyPartMultipart multipart ? multipart.BodyParts.SelectMany(Parts) : [part];

    private static async Task<IMailFolder> OpenAsync(ImapClient client)
    {
        await client.Inbox!.OpenAsync(FolderAccess.ReadWrite, Token);
        return client.Inbox;
    }

    private async Task<ImapClient> ConnectAsync()
    {
        var account = server.Account(_user, ImapSecurity.StartTls);
        var client = new ImapClient { ServerCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString(HashAlgorithmName.SHA256) == account.CertificateFingerprint };
        await client.ConnectAsync(account.Host, account.Port!.Value, SecureSocketOptions.StartTls, Token);
        await client.AuthenticateAsync(account.UserName, account.Password!, Token);
        if (server.Traits.HasId)
            Assert.NotNull(await client.IdentifyAsync(new ImapImplementation { Name = "test" }, Token));
        return client;
    }

    /// <summary>A second client that idles.</summary>
    private sealed class Watcher : IAsyncDisposable
    {
        private readonly CancellationTokenSource _done = new();
        private readonly ImapClient _client;
        private readonly Task _idling;

        private Watcher(ImapClient client)
        {
            _client = client;
            // Courier tells flags of before, too: that somebody else has opened the folder.
            client.Inbox!.MessageFlagsChanged += (_, e) => _ = e.Flags.HasFlag(MessageFlags.Answered) && Flags.TrySetResult(e);
            client.Inbox.MessageExpunged += (_, e) => Expunged.TrySetResult(e.Index);
            _idling = client.IdleAsync(_done.Token, Token);
        }

        public TaskCompletionSource<MessageFlagsChangedEventArgs> Flags { get; } = new();

        public TaskCompletionSource<int> Expunged { get; } = new();

        public static async Task<Watcher> StartAsync(ImapClient client)
        {
            await client.Inbox!.OpenAsync(FolderAccess.ReadOnly, Token);
            return new Watcher(client);
        }

        public async ValueTask DisposeAsync()
        {
            await _done.CancelAsync();
            await _idling;
            _client.Dispose();
            _done.Dispose();
        }
    }
}
