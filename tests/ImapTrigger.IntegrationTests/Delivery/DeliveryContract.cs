using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Delivery;

/// <summary>What a user relies on, on whatever server: every message reaches the function, once, in order, however odd it is.</summary>
public abstract class DeliveryContract(IMailServer server) : IDisposable
{
    private readonly string _user = $"user-{Guid.NewGuid():N}";
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");
    private readonly Inbox<ImapEvent> _inbox = new();

    [Fact]
    public async Task New_mail_runs_the_function_with_its_metadata()
    {
        await using var app = await StartAsync();
        await server.DeliverAsync(_user, [OddMessages.Plain("hello")]);
        var mail = Assert.Single(await _inbox.WaitForAsync(1));
        Assert.Equal(("hello", "hello@example.org", _user, "INBOX", 1), (mail.Subject, mail.MessageId, mail.Account, mail.Folder, mail.Attempt));
        Assert.Equal([new ImapAddress("Ann", "ann@example.org")], mail.From);
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 10, 0, 0, TimeSpan.FromHours(1)), mail.Date);
        Assert.Equal(OddMessages.Plain("hello").Length, mail.Size);
        Assert.True(mail is { UidValidity: > 0, Uid: > 0, InternalDate: not null });
    }

    [Fact]
    public async Task Mail_that_was_there_before_the_first_start_is_not_delivered()
    {
        await server.DeliverAsync(_user, [OddMessages.Plain("before")]);
        await using var app = await StartAsync();
        await server.DeliverAsync(_user, [OddMessages.Plain("after")]);
        Assert.Equal(["after"], Subjects(await _inbox.WaitForAsync(1)));
    }

    [Fact]
    public async Task Five_hundred_at_once_are_delivered_once_each_and_in_order()
    {
        await using var app = await StartAsync();
        await server.DeliverAsync(_user, Numbered(0, 500));
        Assert.Equal(Numbers(0, 500), Subjects(await _inbox.WaitForAsync(500)));
    }

    [Fact]
    public async Task Mail_that_came_while_stopped_is_delivered_at_the_next_start()
    {
        await using (await StartAsync())
        {
        }

        await server.DeliverAsync(_user, Numbered(0, 3));
        await using var app = await StartAsync();
        await server.DeliverAsync(_user, Numbered(3, 1));
        Assert.Equal(Numbers(0, 4), Subjects(await _inbox.WaitForAsync(4)));
    }

    [Fact]
    public async Task A_restart_in_the_middle_of_five_hundred_delivers_neither_twice_nor_less()
    {
        await using (await StartAsync())
        {
            await server.DeliverAsync(_user, Numbered(0, 400));
            await _inbox.WaitForAsync(100);
        }

        Assert.InRange(_inbox.Got.Count, 100, 400);
        await server.DeliverAsync(_user, Numbered(400, 100));
        await using var app = await StartAsync();
        Assert.Equal(Numbers(0, 500), Subjects(await _inbox.WaitForAsync(500)));
    }

    [Fact]
    public async Task Odd_messages_arrive_with_sound_metadata_and_none_stops_the_next()
    {
        await using var app = await StartAsync();
        await server.DeliverAsync(
            _user,
            [
                OddMessages.WithoutHeaders, OddMessages.WithMegabyteSubject, OddMessages.WithBrokenMime, OddMessages.With8BitHeader,
                OddMessages.WithMixedCharsets, OddMessages.WithLargeAttachment, OddMessages.Plain("last"),
            ]);
        // One that has to be fetched another way does not keep the next waiting.
        var got = (await _inbox.WaitForAsync(7)).OrderBy(mail => mail.Uid).ToArray();
        Assert.Equal(7, got.DistinctBy(mail => mail.Uid).Count());
        Assert.All(got, mail => Assert.True(mail is { Size: > 0, Attempt: 1 }));

        Assert.Equal((null, null, 0), (got[0].Subject, got[0].MessageId, got[0].From.Count));
        Assert.Equal((2048, "xxx", '…'), (got[1].Subject!.Length, got[1].Subject![..3], got[1].Subject![^1]));
        Assert.Equal("broken", got[2].Subject);
        Assert.Null(got[2].Date);
        Assert.DoesNotContain(got[2].Attachments, attachment => attachment.Name?.Contains('/', StringComparison.Ordinal) == true);
        Assert.Equal("j@example.org", Assert.Single(got[3].From).Address);
        Assert.StartsWith("Gr", got[3].Subject, StringComparison.Ordinal);
        Assert.Equal("J\u00fcrgen", Assert.Single(got[4].From).Name);
        Assert.StartsWith("\u00e4\u65e5\u672c", got[4].Subject, StringComparison.Ordinal);
        var attachment = Assert.Single(got[5].Attachments);
        Assert.Equal(("report.pdf", "application/pdf"), (attachment.Name, attachment.ContentType));
        Assert.InRange(attachment.Size!.Value, 30_000_000, 33_000_000);
        Assert.Equal("last", got[6].Subject);
    }

    [Fact]
    public async Task A_whole_message_of_30_MB_can_be_had()
    {
        var inbox = new Inbox<MimeKit.MimeMessage>();
        await using var app = await (await FunctionApp.StartAsync(typeof(WholeMessage), inbox, Settings())).WatchingAsync();
        await server.DeliverAsync(_user, [OddMessages.WithLargeAttachment, OddMessages.WithoutHeaders]);
        var got = await inbox.WaitForAsync(2);
        var part = Assert.IsType<MimeKit.MimePart>(Assert.Single(got[0].Attachments));
        using var content = new MemoryStream();
        await part.Content!.DecodeToAsync(content, TestContext.Current.CancellationToken);
        Assert.InRange(content.Length, 20_000_000, 24_000_000);
        Assert.StartsWith("Only a body", got[1].TextBody, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _state.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    private static IEnumerable<byte[]> Numbered(int first, int count) => Numbers(first, count).Select(OddMessages.Plain);

    private static IEnumerable<string> Numbers(int first, int count) => Enumerable.Range(first, count).Select(i => $"n{i}");

    private static IEnumerable<string?> Subjects(IEnumerable<ImapEvent> mails) => mails.Select(mail => mail.Subject);

    private IEnumerable<KeyValuePair<string, string?>> Settings() =>
        [.. server.Settings(_user), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName)];

    private async Task<FunctionApp> StartAsync() => await (await FunctionApp.StartAsync(typeof(Metadata), _inbox, Settings())).WatchingAsync();

    private sealed class Metadata(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);
    }

    private sealed class WholeMessage(Inbox<MimeKit.MimeMessage> inbox)
    {
        public void OnMail([ImapIdleTrigger] MimeKit.MimeMessage mail) => inbox.Add(mail);
    }
}
