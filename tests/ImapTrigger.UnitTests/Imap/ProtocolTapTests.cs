using System.Text;
using ImapTrigger.Imap;
using MailKit;

namespace ImapTrigger.UnitTests.Imap;

/// <summary>What is kept of the server's words, however they come in pieces.</summary>
public sealed class ProtocolTapTests : IDisposable
{
    private readonly ProtocolTap _tap = new(TimeProvider.System);

    [Theory]
    [InlineData("A00000007 NO [UNAVAILABLE] User backend is down\r\n", "NO", "UNAVAILABLE", "User backend is down")]
    [InlineData("A00000007 no [limit 5] Enough\r\n", "NO", "LIMIT", "Enough")]
    [InlineData("A00000007 BAD Request is throttled\r\n", "BAD", null, "Request is throttled")]
    [InlineData("A00000007 NO\r\n", "NO", null, "")]
    [InlineData("A00000007 NO [unclosed code\r\n", "NO", null, "[unclosed code")]
    [InlineData("A00000007 NO Gr\u00fc\u00dfe\n", "NO", null, "Gr\u00fc\u00dfe")]
    public void A_refusal_is_kept_with_its_code(string line, string status, string? code, string text)
    {
        Say(line);
        Assert.Equal(new ServerAnswer(status, code, text), _tap.Refusal);
        _tap.Forget();
        Assert.Null(_tap.Refusal);
    }

    [Fact]
    public void It_may_come_byte_by_byte()
    {
        foreach (var b in "* 1 FETCH (UID 1)\r\nA00000001 OK [READ-ONLY] Done\r\n* BYE [UNAVAILABLE] Going down\r\nA00000002 NO [LIMIT] Enough\r\n")
            Say(b.ToString());
        Assert.Equal(new ServerAnswer("BYE", "UNAVAILABLE", "Going down"), _tap.Farewell);
        Assert.Equal(new ServerAnswer("NO", "LIMIT", "Enough"), _tap.Refusal);
    }

    [Theory]
    [InlineData("* OK [UNAVAILABLE] Not tagged\r\n")]
    [InlineData("* NO [ALERT] Disk nearly full\r\n")]
    [InlineData("* 12 FETCH (UID 3)\r\nA00000001 OK NO trouble\r\n")]
    [InlineData("+ NO\r\n")]
    [InlineData("[ALERT] NO code before it\r\n")]
    [InlineData("")]
    public void What_is_no_refusal_is_not_kept(string lines)
    {
        Say(lines);
        Assert.Null(_tap.Refusal);
        Assert.Null(_tap.Farewell);
    }

    [Theory]
    [InlineData("A00000001 NO [LIMIT] Enough\r\n* BYE Go away\r\n")]
    [InlineData("+ \r\n* PREAUTH You are in\r\n")]
    public void What_stands_in_a_message_is_not_taken_for_the_server_speaking(string content)
    {
        Say($"* 1 FETCH (UID 1 BODY[] {{{content.Length}}}\r\n");
        Say($"{content} FLAGS ())\r\n");
        Assert.Null(_tap.Refusal);
        Assert.Null(_tap.Farewell);
        Assert.False(_tap.IsPreauthenticated);
        Say("A00000001 NO [SERVERBUG] Only this\r\n");
        Assert.Equal("SERVERBUG", _tap.Refusal?.Code);
    }

    [Fact]
    public void What_is_kept_is_bounded()
    {
        Say($"A00000001 NO [{new string('X', 100)}] {new string('y', 100_000)}\r\n");
        Assert.Null(_tap.Refusal!.Code);
        Assert.InRange(_tap.Refusal.Text.Length, 1, 4096);
    }

    [Fact]
    public void Lines_of_messages_cost_no_memory()
    {
        var lines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(1, 200).Select(i => $"* {i} FETCH (UID {i} FLAGS (\\Seen) RFC822.SIZE 4711)\r\n")) + "A00000001 OK Done\r\n");
        Hear(lines);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Hear(lines);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void In_IDLE_a_BYE_is_known_before_it_is_told()
    {
        ServerAnswer? known = null;
        _tap.Open(() => { }, line => known = line.StartsWith("* BYE", StringComparison.Ordinal) ? _tap.Farewell : null);
        Say("+ idling\r\n* BYE Session invalidated - AccessTokenExpired\r\n");
        Assert.Equal("Session invalidated - AccessTokenExpired", known?.Text);
    }

    public void Dispose() => ((IDisposable)_tap).Dispose();

    private void Say(string text) => Hear(Encoding.UTF8.GetBytes(text));

    private void Hear(byte[] bytes) => ((IProtocolLogger)_tap).LogServer(bytes, 0, bytes.Length);
}
