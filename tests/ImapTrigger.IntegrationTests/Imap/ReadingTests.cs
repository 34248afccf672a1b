using ImapTrigger.Imap;
using ImapTrigger.IntegrationTests.Delivery;

namespace ImapTrigger.IntegrationTests.Imap;

/// <summary>What servers answer when they are asked for a whole message, and the headers that are read a second time.</summary>
public sealed class ReadingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("BODY[] NIL")]
    [InlineData("BODY[] \"\"")]
    [InlineData("BODY[] {0}\r\n")]
    [InlineData("BODY[]")]
    public async Task An_empty_message_is_there_and_is_no_message(string body)
    {
        await using var fetch = await FetchSession.StartAsync([OddMessages.Plain("n1"), OddMessages.Plain("n2")]);
        fetch.OnFetch(command => command.StartsWith("UID FETCH 1 ", StringComparison.Ordinal) ? $"* 1 FETCH (UID 1 {body})\r\nTAG OK done\r\n" : null);
        Assert.Empty((await fetch.Session.ReadRawAsync(1, Token))!);
        var error = await Assert.ThrowsAsync<FormatException>(() => fetch.Session.ReadMessageAsync(1, Token));
        Assert.Equal("Message 1 is empty: there is no MimeMessage to be made of it.", error.Message);
        Assert.Equal("n2", (await fetch.Session.ReadMessageAsync(2, Token))!.Subject);
    }

    [Theory]
    [InlineData("")]
    [InlineData("* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n")]
    [InlineData("* 1 FETCH (FLAGS (\\Seen))\r\n")]
    [InlineData("* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n")]
    public async Task A_message_is_gone_only_when_a_search_says_so_too(string answer)
    {
        await using var fetch = await FetchSession.StartAsync([OddMessages.Plain("n1"), OddMessages.Plain("n2")]);
        fetch.OnFetch(command => command.StartsWith("UID FETCH 1 ", StringComparison.Ordinal) ? $"{answer}TAG OK done\r\n" : null);
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => fetch.Session.ReadMessageAsync(1, Token));
        Assert.Equal(ImapSessionError.CommandRefused, error.Error);
        fetch.Inbox.Expunge(1);
        await fetch.Session.NoOpAsync(Token);
        Assert.Null(await fetch.Session.ReadMessageAsync(1, Token));
        Assert.Equal("n2", (await fetch.Session.ReadMessageAsync(2, Token))!.Subject);
    }

    [Fact]
    public async Task Headers_are_read_a_second_time_only_where_the_first_reading_is_doubtful_and_together()
    {
        await using var fetch = await FetchSession.StartAsync(Enumerable.Range(1, 40).Select(i => i % 4 == 0 ? Doubtful($"d{i}") : OddMessages.Plain($"n{i}")));
        Assert.All(await fetch.Session.FetchAsync([1, 2, 3, 5], Token), message => Assert.True(message.Complete));
        Assert.Single(fetch.Commands);

        var messages = await fetch.Session.FetchAsync(0, Token);
        Assert.Equal(Enumerable.Range(1, 40).Select(i => i % 4 == 0 ? $"d{i}" : $"n{i}"), messages.Select(message => message.Subject));
        Assert.All(messages, message => Assert.True(message.Complete && message.From.Count == 1));
        Assert.Equal("UID FETCH 4,8,12,16,20,24,28,32,36,40 (UID BODY.PEEK[HEADER.FIELDS (FROM TO CC REPLY-TO DATE MESSAGE-ID IN-REPLY-TO SUBJECT)])", Assert.Single(fetch.Commands.Skip(2)));
    }

    [Fact]
    public async Task The_headers_of_large_messages_are_read_alone_and_only_so_far()
    {
        var large = Doubtful("large", new string('x', 5_000_000));
        await using var fetch = await FetchSession.StartAsync([Doubtful("d1"), large, Doubtful("d3")]);
        Assert.Equal(["d1", "large", "d3"], (await fetch.Session.FetchAsync(0, Token)).Select(message => message.Subject));
        Assert.Equal(
            ["UID FETCH 2 (BODY.PEEK[HEADER.FIELDS (FROM TO CC REPLY-TO DATE MESSAGE-ID IN-REPLY-TO)]<0.65536>)", "UID FETCH 2 (BODY.PEEK[HEADER.FIELDS (SUBJECT)]<0.16384>)"],
            fetch.Commands.Skip(1).Where(command => command.Contains("<0.", StringComparison.Ordinal)));
        Assert.Equal(4, fetch.Commands.Count);
    }

    /// <summary>Whatever the second question brings, the message is told of.</summary>
    [Theory]
    [InlineData("TAG NO [SERVERBUG] Not now\r\n", "the header (ENVELOPE)")]
    [InlineData("TAG OK done\r\n", "the header (ENVELOPE)")]
    [InlineData("* 1 FETCH (UID 1 FLAGS ())\r\nTAG OK done\r\n", "the header (ENVELOPE)")]
    [InlineData("* 1 FETCH (UID 1 BODY[HEADER.FIELDS (FROM)] {2}\r\n\r\n)\r\nTAG OK done\r\n", null)]
    public async Task Without_the_header_the_ENVELOPE_counts_but_not_its_placeholders(string answer, string? unknown)
    {
        await using var fetch = await FetchSession.StartAsync([OddMessages.Plain("n1")]);
        fetch.OnFetch(command => command.Contains("ENVELOPE", StringComparison.Ordinal)
            ? "* 1 FETCH (UID 1 FLAGS () INTERNALDATE \"23-Nov-2026 10:00:00 +0100\" RFC822.SIZE 100 BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1)"
                + " ENVELOPE (NIL \"from the server\" ((NIL NIL \"MISSING_MAILBOX\" \"MISSING_DOMAIN\")) NIL NIL ((NIL NIL \"bob\" \"example.org\")(NIL NIL \"x\" \".SYNTAX-ERROR.\")) NIL NIL NIL NIL) BODY[HEADER.FIELDS (RECEIVED)] {2}\r\n\r\n)\r\nTAG OK done\r\n"
            : answer);
        var message = await fetch.FetchOneAsync();
        Assert.Equal(unknown is null ? null : $"Could not be read from the server: {unknown}.", message.IncompleteReason);
        Assert.Equal(unknown is null ? null : "from the server", message.Subject);
        Assert.Empty(message.From);
        Assert.Equal(unknown is null ? [] : ["bob@example.org"], message.To.Select(to => to.Address));
    }

    [Fact]
    public async Task A_connection_that_breaks_at_the_second_question_leaves_what_comes_before_the_doubtful()
    {
        await using var fetch = await FetchSession.StartAsync([OddMessages.Plain("n1"), Doubtful("d2"), OddMessages.Plain("n3")]);
        fetch.OnFetch(command => command.Contains("FIELDS (FROM", StringComparison.Ordinal) ? "* BYE Internal error\r\nCUT" : null);
        var (messages, failure) = await fetch.FetchAsync(FetchRung.All, 1, 2, 3);
        Assert.Equal("n1", Assert.Single(messages).Subject);
        Assert.NotEqual(ImapSessionError.CommandRefused, failure!.Error);
    }

    /// <summary>Its author's address is one that MailKit drops from the ENVELOPE.</summary>
    private static byte[] Doubtful(string subject, string body = "") =>
        System.Text.Encoding.ASCII.GetBytes($"From: \"user,1\"@example.org\r\nSubject: {subject}\r\n\r\nHi {body}\r\n");
}
