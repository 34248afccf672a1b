using ImapTrigger.Imap;
using ImapTrigger.IntegrationTests.Delivery;

namespace ImapTrigger.IntegrationTests.Imap;

/// <summary>The ways to fetch metadata, against what servers answer: f02 and f06 of the small cases, and more of their kinds.</summary>
public sealed class FetchLadderTests
{
    private const string Sound = "FLAGS (\\Seen) INTERNALDATE \"23-Nov-2026 10:00:00 +0100\" RFC822.SIZE 100"
        + " ENVELOPE (\"Mon, 23 Nov 2026 10:00:00 +0100\" \"from the server\" ((\"Ann\" NIL \"ann\" \"example.org\")) NIL NIL NIL NIL NIL NIL \"<1@x>\") BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1)"
        + " BODY[HEADER.FIELDS (RECEIVED)] {2}\r\n\r\n";

    private static readonly byte[][] Four = Enumerable.Range(1, 4).Select(i => OddMessages.Plain($"n{i}")).ToArray();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_rung_asks_only_for_what_it_may()
    {
        await using var fetch = await FetchSession.StartAsync(Four, "OBJECTID X-GM-EXT-1");
        fetch.OnFetch(command => command.Contains("EMAILID", StringComparison.Ordinal) ? $"* 1 FETCH (UID 1 {Sound} EMAILID (M1) THREADID (T1))\r\nTAG OK done\r\n" : null);
        foreach (var rung in Enum.GetValues<FetchRung>())
            await fetch.FetchOneAsync(rung);

        const string fields = "BODY.PEEK[HEADER.FIELDS (RECEIVED RETURN-PATH REFERENCES CONTENT-TYPE AUTO-SUBMITTED PRECEDENCE LIST-ID LIST-POST X-FAILED-RECIPIENTS AUTHENTICATION-RESULTS)]";
        const string alone = $"UID FETCH 1 ({fields}<0.65536>)";
        string[] header = ["UID FETCH 1 (BODY.PEEK[HEADER.FIELDS (FROM TO CC REPLY-TO DATE MESSAGE-ID IN-REPLY-TO)]<0.65536>)", "UID FETCH 1 (BODY.PEEK[HEADER.FIELDS (SUBJECT)]<0.16384>)"];
        Assert.Equal(
            [
                $"UID FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE EMAILID THREADID X-GM-MSGID X-GM-THRID X-GM-LABELS {fields})",
                $"UID FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE {fields})",
                "UID FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)", alone,
                "UID FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE)", .. header, alone,
                "UID FETCH 1 (UID FLAGS)", .. header, alone,
                "UID FETCH 1 (UID FLAGS)",
            ],
            fetch.Commands);
    }

    [Fact]
    public async Task Each_rung_says_what_it_leaves_unknown()
    {
        await using var fetch = await FetchSession.StartAsync(Four);
        var all = await fetch.FetchOneAsync();
        Assert.Equal((true, null, "n1", 1), (all.Complete, all.IncompleteReason, all.Subject, all.Attempt));
        Assert.Equal(all, await fetch.FetchOneAsync(FetchRung.WithoutIds) with { From = all.From, To = all.To, Cc = all.Cc, ReplyTo = all.ReplyTo, Flags = all.Flags, Keywords = all.Keywords, Labels = all.Labels, Attachments = all.Attachments });

        var raw = await fetch.FetchOneAsync(FetchRung.RawHeader);
        Assert.Equal((false, "Could not be read from the server: attachments (BODYSTRUCTURE)."), (raw.Complete, raw.IncompleteReason));
        Assert.Equal((all.Subject, all.MessageId, all.Date, all.InternalDate, all.Size), (raw.Subject, raw.MessageId, raw.Date, raw.InternalDate, raw.Size));
        Assert.Equal((all.From[0], all.To[0], all.ReplyTo[0]), (raw.From[0], raw.To[0], raw.ReplyTo[0]));

        var only = await fetch.FetchOneAsync(FetchRung.RawHeaderOnly);
        Assert.Equal("Could not be read from the server: attachments (BODYSTRUCTURE), when it came (INTERNALDATE), its size (RFC822.SIZE).", only.IncompleteReason);
        Assert.Equal(("n1", null, null), (only.Subject, only.InternalDate, only.Size));

        var bare = await fetch.FetchOneAsync(FetchRung.Bare);
        Assert.StartsWith("Could not be read from the server: the header (ENVELOPE), attachments", bare.IncompleteReason, StringComparison.Ordinal);
        Assert.Equal((1u, null, 0), (bare.Uid, bare.Subject, bare.From.Count));
    }

    /// <summary>f06, and what else of an answer MailKit cannot read.</summary>
    [Theory]
    [InlineData("RFC822.SIZE", "RFC822.SIZE -1", "RawHeaderOnly")]
    [InlineData("RFC822.SIZE", "RFC822.SIZE 99999999999", "RawHeaderOnly")]
    [InlineData("RFC822.SIZE", "RFC822.SIZE NIL", "RawHeaderOnly")]
    [InlineData("INTERNALDATE", "INTERNALDATE \"31-Feb-2026 10:00:00 +0100\"", "RawHeaderOnly")]
    [InlineData("INTERNALDATE", "INTERNALDATE \"23-Nov-2026 10:00:00 +1399\"", "RawHeaderOnly")]
    [InlineData("INTERNALDATE", "INTERNALDATE \"23-Nov-99999 10:00:00 +0100\"", "RawHeaderOnly")]
    [InlineData("INTERNALDATE", "INTERNALDATE (1 2)", "RawHeaderOnly")]
    [InlineData("EMAILID", "EMAILID NIL", "WithoutIds")]
    [InlineData("EMAILID", "EMAILID ()", "WithoutIds")]
    [InlineData("THREADID", "THREADID ()", "WithoutIds")]
    [InlineData("THREADID", "THREADID (NIL)", "WithoutIds")]
    [InlineData("THREADID", "THREADID (T1 T2)", "WithoutIds")]
    [InlineData("X-GM-MSGID", "X-GM-MSGID 0", "WithoutIds")]
    [InlineData("X-GM-LABELS", "X-GM-LABELS NIL", "WithoutIds")]
    [InlineData(" BODY.PEEK", "BODY[HEADER.FIELDS (RECEIVED)] {5000000}\r\nHUGE", "WithoutFields")]
    [InlineData(" BODY.PEEK", "BODY[HEADER.FIELDS (RECEIVED)] (\"x\")", "WithoutFields")]
    [InlineData("ENVELOPE", "ENVELOPE NIL", "RawHeader")]
    [InlineData("ENVELOPE", "ENVELOPE (NIL {5000}\r\nLONG NIL NIL NIL NIL NIL NIL NIL NIL)", "RawHeader")]
    [InlineData("BODYSTRUCTURE", "BODYSTRUCTURE (\"text\" \"plain\" x)", "RawHeader")]
    [InlineData("BODYSTRUCTURE", "BODYSTRUCTURE DEEP", "RawHeader")]
    [InlineData("BODYSTRUCTURE", "BODYSTRUCTURE WIDE", "RawHeader")]
    [InlineData("BODYSTRUCTURE", "BODYSTRUCTURE (\"text\" \"plain\" (\"name\" \"HUGE\") NIL NIL \"7bit\" 5 1)", "RawHeader")]
    public async Task An_item_that_cannot_be_read_is_left_out_at_a_rung(string item, string text, string rungThatReads)
    {
        var expected = Enum.Parse<FetchRung>(rungThatReads);
        var spoiled = text
            .Replace("LONG", new string('x', 5000), StringComparison.Ordinal)
            .Replace("DEEP", new string('(', 3000) + "\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1" + string.Concat(Enumerable.Repeat(") \"mixed\"", 2999)) + ")", StringComparison.Ordinal)
            .Replace("WIDE", "(" + string.Concat(Enumerable.Repeat("(\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1)", 100_000)) + " \"mixed\")", StringComparison.Ordinal)
            .Replace("HUGE", new string('x', 5_000_000), StringComparison.Ordinal);
        await using var fetch = await FetchSession.StartAsync(Four, "OBJECTID X-GM-EXT-1");
        fetch.OnFetch(command => !command.StartsWith("UID FETCH 1 ", StringComparison.Ordinal)
            ? null
            : command.Contains(item, StringComparison.Ordinal)
            ? $"* 1 FETCH (UID 1 {spoiled})\r\nTAG OK done\r\n"
            : command.Contains("BODYSTRUCTURE", StringComparison.Ordinal) ? $"* 1 FETCH (UID 1 {Sound})\r\nTAG OK done\r\n" : null);
        foreach (var rung in Enum.GetValues<FetchRung>().TakeWhile(rung => rung < expected))
        {
            var (none, broken) = await fetch.FetchAsync(rung, 1);
            Assert.Empty(none);
            Assert.NotNull(broken);
            Assert.NotEqual(ImapSessionError.CommandRefused, broken.Error);
            await fetch.OpenAsync();
        }

        var message = await fetch.FetchOneAsync(expected);
        Assert.Equal(expected < FetchRung.RawHeader, message.Complete);
        Assert.Equal(expected < FetchRung.RawHeader ? "from the server" : "n1", message.Subject);
        // The session is as it should be.
        Assert.Equal("n2", (await fetch.FetchOneAsync(FetchRung.WithoutIds, 2)).Subject);
    }

    /// <summary>f02: the server gives some and refuses.</summary>
    [Theory]
    [InlineData("NO [SERVERBUG] Internal error occurred", true)]
    [InlineData("BAD Internal error", true)]
    [InlineData("NO Some messages could not be FETCHed", true)]
    [InlineData("* BYE FETCH failed: Internal error occurred. Refer to server log\r\nCUT", false)]
    [InlineData("* 3 FETCH (UID 3 FLAGS () RFC822.SIZE -1)", false)]
    [InlineData("* 3 FETCH (UID 3 FLAGS () INTERNALDCUT", false)]
    public async Task What_came_before_a_failure_counts(string last, bool goesOn)
    {
        await using var fetch = await FetchSession.StartAsync(Four);
        var broken = true;
        fetch.OnFetch(command => broken && command.Contains("ENVELOPE", StringComparison.Ordinal) ? $"* 1 FETCH (UID 1 {Sound})\r\n* 2 FETCH (UID 2 {Sound.Split(" BODY[")[0]})\r\n* 3 FETCH (UID 3 FLAGS ())\r\n* 4 FETCH (UID 4 {Sound})\r\n{(goesOn ? "TAG " : "")}{last}{(last.EndsWith("CUT", StringComparison.Ordinal) ? "" : "\r\n")}" : null);
        var (messages, failure) = await fetch.FetchAsync(FetchRung.All, 1, 2, 3, 4);
        // Of 2 all but the header's fields came, of 3 only the flags: the rest may have been about to come.
        Assert.Equal([1u, 4u], messages.Select(message => message.Uid));
        Assert.All(messages, message => Assert.True(message.Complete));
        Assert.Equal(goesOn, failure!.Error == ImapSessionError.CommandRefused);
        broken = false;
        if (!goesOn)
            await fetch.OpenAsync();
        Assert.Equal("n3", (await fetch.FetchOneAsync(uid: 3)).Subject);
    }

    [Theory]
    [InlineData("FLAGS () INTERNALDATE \"23-Nov-2026 10:00:00 +0100\" RFC822.SIZE 100 BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1)", null)]
    [InlineData("FLAGS () ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1)", "when it came (INTERNALDATE), its size (RFC822.SIZE)")]
    [InlineData("INTERNALDATE \"23-Nov-2026 10:00:00 +0100\" RFC822.SIZE 100 ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)", "attachments (BODYSTRUCTURE), its flags (FLAGS)")]
    [InlineData("FLAGS () INTERNALDATE \"no date\" RFC822.SIZE 100 ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) BODYSTRUCTURE ()", "attachments (BODYSTRUCTURE), when it came (INTERNALDATE)")]
    [InlineData("FLAGS () INTERNALDATE NIL RFC822.SIZE 100 ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1)", "when it came (INTERNALDATE)")]
    [InlineData("FLAGS ()", "attachments (BODYSTRUCTURE), when it came (INTERNALDATE), its size (RFC822.SIZE)")]
    public async Task An_answer_that_lacks_something_is_an_answer(string items, string? unknown)
    {
        await using var fetch = await FetchSession.StartAsync(Four);
        fetch.OnFetch(command => command.Contains("ENVELOPE", StringComparison.Ordinal) ? $"* 1 FETCH (UID 1 {items})\r\nTAG OK done\r\n" : null);
        var message = await fetch.FetchOneAsync();
        Assert.Equal(unknown is null ? null : $"Could not be read from the server: {unknown}.", message.IncompleteReason);
        // Without an ENVELOPE the header's bytes decide.
        Assert.Equal(items.Contains("ENVELOPE", StringComparison.Ordinal) ? null : "n1", message.Subject);
    }

    [Fact]
    public async Task Answers_about_one_message_are_put_together_and_others_are_left_alone()
    {
        await using var fetch = await FetchSession.StartAsync(Four);
        fetch.OnFetch(_ =>
            "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n* 4 FETCH (FLAGS (\\Deleted))\r\n* 3 FETCH (UID 3 FLAGS ())\r\n"
            + "* 2 FETCH (UID 2 INTERNALDATE \"23-Nov-2026 10:00:00 +0100\" RFC822.SIZE 100 BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1))\r\n"
            + $"* 1 FETCH (UID 1 {Sound})\r\n"
            // The number has moved meanwhile.
            + "* 9 FETCH (UID 2 FLAGS (\\Flagged Mine) ENVELOPE (NIL \"two\" NIL NIL NIL NIL NIL NIL NIL NIL) BODY[HEADER.FIELDS (RECEIVED)] {2}\r\n\r\n)\r\nTAG OK done\r\n");
        var (messages, failure) = await fetch.FetchAsync(FetchRung.All, 1, 2);
        Assert.Null(failure);
        Assert.Equal([(1u, "from the server", true), (2u, "two", true)], messages.Select(message => (message.Uid, message.Subject, message.Complete)));
        Assert.Equal((@"\Flagged", "Mine", 100), (messages[1].Flags[0], messages[1].Keywords[0], messages[1].Size));
    }

    [Fact]
    public async Task A_server_that_names_the_headers_its_own_way_is_asked_for_the_whole_header()
    {
        await using var fetch = await FetchSession.StartAsync(Four);
        fetch.OnFetch(command => command.Contains("HEADER.FIELDS", StringComparison.Ordinal) ? "* 1 FETCH (UID 1 BODY[HEADER.FIELDS (subject from)]<0> {13}\r\nSubject: x\r\n\r\n)\r\nTAG OK done\r\n" : null);
        var message = await fetch.FetchOneAsync(FetchRung.RawHeader);
        Assert.Equal(("n1", "ann@example.org"), (message.Subject, message.From[0].Address));
    }

    [Theory]
    [InlineData("TAG NO [SERVERBUG] Not this one\r\n", true)]
    [InlineData("* BYE Internal error\r\nCUT", false)]
    public async Task A_header_that_cannot_be_had_is_a_failure_of_its_message_alone(string last, bool goesOn)
    {
        await using var fetch = await FetchSession.StartAsync(Four);
        fetch.OnFetch(command => command.StartsWith("UID FETCH 2 (BODY", StringComparison.Ordinal) ? last : null);
        var (messages, failure) = await fetch.FetchAsync(FetchRung.RawHeaderOnly, 1, 2, 3);
        Assert.Equal(goesOn ? [1u, 3u] : [1u], messages.Select(message => message.Uid));
        Assert.Equal(goesOn, failure!.Error == ImapSessionError.CommandRefused);
    }

    [Fact]
    public async Task A_cancelled_fetch_is_no_answer()
    {
        await using var fetch = await FetchSession.StartAsync(Four);
        fetch.OnFetch(_ => "* 1 FETCH (UID 1");
        using var cancelled = new CancellationTokenSource();
        var fetching = fetch.Session.FetchAsync([1], FetchRung.All, cancelled.Token);
        while (fetch.Commands.Count == 0)
            await Task.Delay(10, Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetching);
    }
}
