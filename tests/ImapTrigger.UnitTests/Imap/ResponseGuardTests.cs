using System.Text;
using ImapTrigger.Imap;
using MailKit.Net.Imap;

namespace ImapTrigger.UnitTests.Imap;

public sealed class ResponseGuardTests
{
    private static readonly string Deep = new('(', ResponseGuard.MaxDepth + 1);
    private static readonly string AlmostDeep = new('(', ResponseGuard.MaxDepth);

    public static TheoryData<string> Sound => new(
        $"* OK [UIDVALIDITY 7] {Deep} text is not data\r\n* OK {Deep}\r\nA00000001 NO [SERVERBUG] {Deep} {{5}}\r\n* BYE {Deep}\r\n",
        $"+ {Deep}\r\n* OK \"quoted {Deep}\" {Deep}\r\n",
        $"* 1 FETCH (UID 1 BODY[] {{{Deep.Length}}}\r\n{Deep} FLAGS ())\r\n* 2 FETCH {AlmostDeep}\r\n",
        $"* 1 FETCH (ENVELOPE (\"{Deep}\" \"\\\"{Deep}\" \"a\\\\\" NIL))\r\n",
        // A quotation mark ends a string only where something else may follow.
        $"* 1 FETCH (ENVELOPE (\"she said \"no{Deep}\" to me\" NIL))\r\n",
        $"* 1 FETCH (ENVELOPE (\"two\r\nlines {Deep}\" NIL))\r\n",
        $"* 1 FETCH (BODY[HEADER.FIELDS (\"SUBJECT\")]<0> {{0}}\r\n)\r\n* 2 FETCH (BODY[] {{3+}}\r\n(((){AlmostDeep[2..]}\r\n",
        $"* 1 FETCH {AlmostDeep}\r\n* 1 FETCH {AlmostDeep}\r\n",
        $"* 1 FETCH ({string.Concat(Enumerable.Repeat("()", 2 * ResponseGuard.MaxDepth))})\r\n",
        "* SEARCH\r\n\r\n* 5 EXISTS\r\n*OK [X \"]\" {1}\r\n]] text\r\n[COPYUID 1 2 3] text\r\n* [COPYUID 1 2 3] text\r\n");

    public static TheoryData<string> Refused => new(
        $"* 1 FETCH {Deep}\r\n",
        $"* 1 FETCH (UID 1 ENVELOPE (NIL {{3}}\r\n)))) BODYSTRUCTURE {Deep}\r\n",
        $"* LIST {Deep}\r\n",
        $"A00000001 HELLO {Deep}\r\n",
        // None of these hides what follows: a text has no literals, and a code has no text.
        $"* OK hello {{200}}\r\n* 1 FETCH {Deep}\r\n",
        $"A00000001 OK done {{200}}\r\n* 1 FETCH {Deep}\r\n",
        $"* OK [X \"]{{200}}\r\n\"] text\r\n* 1 FETCH {Deep}\r\n",
        $"* OK \"a\r\n* 1 X {{200}}\r\n\" text\r\n* 1 FETCH {Deep}\r\n",
        $"* BYE\r\n* 1 X {{200}}\r\n* 1 FETCH {Deep}\r\n",
        $"* 1 FETCH (\"a\"b\" {Deep}\r\n",
        $"* OK hi\r\n* PREAUTH x {{3}}\r\n\"\r\n{Deep}\r\n",
        "* 1 FETCH (BODY[] {}\r\n",
        "* 1 FETCH (BODY[] {+}\r\n",
        "* 1 FETCH (BODY[] {5+6}\r\n",
        "* 1 FETCH (BODY[] {-1}\r\n",
        "* 1 FETCH (BODY[] {5} x\r\n",
        "* OK {5}\r\n",
        // 256 MB, as docs/reliability.md says.
        $"* 1 FETCH (BODY[] {{{(256 * 1024 * 1024) + 1}}}\r\n",
        "* 1 FETCH (BODY[] {99999999999999999999}\r\n");

    [Theory]
    [MemberData(nameof(Sound))]
    public void What_is_sound_passes_however_it_is_cut(string text) => Assert.All(Cuts(text), cut => Look(cut));

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_not_is_refused_however_it_is_cut(string text) => Assert.All(Cuts(text), cut => Assert.Throws<ImapProtocolException>(() => Look(cut)));

    [Theory]
    [InlineData("* 1 FETCH (BODYSTRUCTURE (", "(\"text\" \"plain\") ", 20_000)]
    [InlineData("* 1 FETCH (FLAGS (", "keyword ", 140_000)]
    [InlineData("* 1 FETCH (ENVELOPE (\"", "more\r\n", 200_000)]
    [InlineData("* 1 FETCH (ENVELOPE ", "{4}\r\nmore", 60_000)]
    [InlineData("* SEARCH", " 1234567", 2_200_000)]
    [InlineData("* OK ", "more and more ", 1_200_000)]
    [InlineData("* 1 FETCH (BODY[] ", "{100000000}\r\n", 1)]
    public void One_response_holds_only_so_much(string begin, string more, int times)
    {
        var guard = new ResponseGuard();
        guard.Look(Encoding.ASCII.GetBytes(begin));
        var bytes = Encoding.ASCII.GetBytes(more);
        if (times == 1)
        {
            // Literals are within their limit each, and not together.
            var content = new byte[100_000_000];
            guard.Look(bytes);
            guard.Look(content);
            guard.Look(bytes);
            guard.Look(content);
            Assert.Throws<ImapProtocolException>(() => guard.Look(bytes));
            return;
        }

        Assert.Throws<ImapProtocolException>(() =>
        {
            for (var i = 0; i < times; i++)
                guard.Look(bytes);
        });
    }

    /// <summary>MailKit keeps what it is told until the command ends.</summary>
    [Theory]
    [InlineData("* 7 FETCH (UID 7)\r\n", CommandBounds.MaxResponses)]
    [InlineData("* OK [ALERT] Hear\r\n", CommandBounds.MaxResponses)]
    [InlineData("* LIST () \"/\" x\r\n", CommandBounds.MaxFolders)]
    public void One_command_brings_only_so_many_responses(string response, int most)
    {
        var guard = new ResponseGuard();
        var bytes = Encoding.ASCII.GetBytes(response);
        for (var i = 0; i < most; i++)
            guard.Look(bytes);
        Assert.Throws<ImapProtocolException>(() => guard.Look(bytes));
    }

    [Fact]
    public void One_command_brings_only_so_many_bytes()
    {
        var guard = new ResponseGuard();
        var search = Encoding.ASCII.GetBytes("* SEARCH" + string.Concat(Enumerable.Repeat(" 12345678", 1_000_000)));
        Assert.Throws<ImapProtocolException>(() =>
        {
            for (long sent = 0; sent < CommandBounds.MaxBytes + (2 * search.Length); sent += search.Length)
            {
                guard.Look(search);
                guard.Look("\r\n"u8);
            }
        });
    }

    [Fact]
    public void The_literals_of_one_command_count_together()
    {
        var guard = new ResponseGuard();
        var content = new byte[90_000_000];
        Assert.Throws<ImapProtocolException>(() =>
        {
            for (var i = 0; i < 3; i++)
            {
                guard.Look("* 1 FETCH (BODY[] {90000000}\r\n"u8);
                guard.Look(content);
                guard.Look(")\r\n"u8);
            }
        });
    }

    [Fact]
    public void What_was_answered_does_not_count_for_the_next_command()
    {
        var guard = new ResponseGuard();
        for (var command = 0; command < 3; command++)
        {
            for (var i = 0; i < CommandBounds.MaxResponses; i++)
                guard.Look("* 7 FETCH (UID 7)\r\n"u8);
            guard.Look("A00000001 OK Done\r\n"u8);
        }

        // A "*" or a "+" ends no command.
        guard.Look("* OK Done\r\n+ OK Done\r\n"u8);
        Assert.Throws<ImapProtocolException>(() =>
        {
            for (var i = 0; i < CommandBounds.MaxResponses; i++)
                guard.Look("* 7 FETCH (UID 7)\r\n"u8);
        });
    }

    [Fact]
    public void IDLE_may_tell_of_any_number_of_messages_for_nobody_keeps_it()
    {
        var guard = new ResponseGuard { Command = { IsIdling = true } };
        for (var i = 0; i <= CommandBounds.MaxResponses; i++)
            guard.Look("* 7 FETCH (FLAGS ())\r\n* 8 EXISTS\r\n* VANISHED 7\r\n"u8);
        Assert.Throws<ImapProtocolException>(() =>
        {
            for (var i = 0; i <= CommandBounds.MaxResponses; i++)
                guard.Look("* OK [ALERT] Hear\r\n"u8);
        });
    }

    [Fact]
    public void A_million_found_messages_and_ten_thousand_recipients_are_taken()
    {
        var guard = new ResponseGuard();
        guard.Look(Encoding.ASCII.GetBytes("* SEARCH"));
        for (var i = 0; i < 1_000_000; i++)
            guard.Look(" 1234567"u8);
        guard.Look("\r\n* 1 FETCH (ENVELOPE (NIL NIL ("u8);
        for (var i = 0; i < 10_000; i++)
            guard.Look("(\"Somebody With A Name\" NIL \"some.body.with.a.name\" \"mail.example.org\")"u8);
        guard.Look(") NIL))\r\n"u8);
    }

    [Theory]
    [InlineData("ENVELOPE (NIL NIL ((NIL NIL \"a\" \"x\")(NIL NIL \"b\" \"x\")) ((NIL NIL \"a\" \"x\")) NIL NIL NIL NIL NIL NIL)", 3, false)]
    [InlineData("UID 5 FLAGS (\\Seen) envelope (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) BODYSTRUCTURE (((\"a\" \"b\")))", 0, false)]
    [InlineData("BODYSTRUCTURE ((((\"a\" \"b\"))) \"mixed\")", null, false)]
    [InlineData("ENVELOPE (NIL \"Gr\u00c3\u00bc\u00c3\u009fe\" NIL)", 0, false)]
    [InlineData("ENVELOPE (NIL \"Gr\u00fc\u00dfe\" NIL)", 0, true)]
    [InlineData("ENVELOPE (NIL {5}\r\nGr\u00fc\u00dfe NIL)", 0, true)]
    [InlineData("ENVELOPE (NIL {7}\r\nGr\u00c3\u00bc\u00c3\u009fe NIL)", 0, false)]
    [InlineData("ENVELOPE (NIL \"Gr\u00c3\" NIL)", 0, true)]
    public void What_MailKit_keeps_to_itself_is_noted(string items, int? addresses, bool garbled)
    {
        foreach (var cut in Cuts($"* 7 FETCH ({items})\r\n* 8 EXISTS\r\n"))
        {
            var notes = new FetchNotes();
            Look(cut, notes);
            Assert.Equal(new FetchNote(addresses, garbled), notes.Of(7));
            Assert.Equal(default, notes.Of(8));
        }
    }

    [Fact]
    public void The_content_of_a_message_is_no_text_of_its_metadata()
    {
        var notes = new FetchNotes();
        Look([[.. "* 7 FETCH (BODY[] {5000}\r\n"u8, .. Enumerable.Repeat((byte)0xFC, 5000), .. ")\r\n"u8]], notes);
        Assert.False(notes.Of(7).Garbled);
    }

    /// <summary>Whole, byte by byte, and in two at every place.</summary>
    private static IEnumerable<byte[][]> Cuts(string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        yield return [bytes];
        yield return bytes.Select(b => new[] { b }).ToArray();
        for (var at = 1; at < bytes.Length; at++)
            yield return [bytes[..at], bytes[at..]];
    }

    private static void Look(byte[][] pieces, FetchNotes? notes = null)
    {
        var guard = new ResponseGuard { Notes = notes };
        foreach (var piece in pieces)
            guard.Look(piece);
    }
}
