using System.Text;
using ImapTrigger.Imap;

namespace ImapTrigger.UnitTests.Imap;

/// <summary>Nothing may stand between the answer to STARTTLS and TLS.</summary>
public sealed class BeforeTlsTests
{
    private readonly BeforeTls _before = new();

    [Fact]
    public void Greeting_capabilities_and_the_answer_are_what_is_due()
    {
        Hear("* OK ready");
        Say("A1 CAPABILITY");
        Hear("* CAPABILITY IMAP4rev1 STARTTLS");
        Hear("A1 OK");
        Say("A2 STARTTLS");
        Hear("A2 OK begin");
        Assert.True(_before.End());
        Assert.False(_before.HasSpokenSince);
        _before.Hear("* CAPA"u8, ends: false);
        Assert.False(_before.HasSpokenSince);
        Hear("BILITY");
        Assert.True(_before.HasSpokenSince);
    }

    [Fact]
    public void The_greeting_alone_is_due_before_a_first_STARTTLS()
    {
        Hear("* OK [CAPABILITY STARTTLS] ready");
        Say("A1 STARTTLS");
        Hear("A1 OK begin");
        Assert.True(_before.End());
    }

    [Theory]
    [InlineData("* CAPABILITY AUTH=PLAIN|A1 OK")]
    [InlineData("A1 OK|* CAPABILITY AUTH=PLAIN")]
    [InlineData("A1 OK|A2 OK")]
    [InlineData("A1 OK|* half a li...")]
    [InlineData("+ go on")]
    [InlineData("A1 OK half a li...")]
    public void Whatever_else_is_said_there_is_an_intruder(string lines)
    {
        Hear("* OK ready");
        Say("A1 STARTTLS");
        foreach (var line in lines.Split('|'))
            _before.Hear(Encoding.ASCII.GetBytes(line), ends: !line.EndsWith("...", StringComparison.Ordinal));
        Assert.False(_before.End());
    }

    [Fact]
    public void An_answer_that_comes_in_parts_is_one()
    {
        Hear("* OK ready");
        Say("A1 STARTTLS");
        _before.Hear("A1 "u8, ends: false);
        _before.Hear("* OK"u8, ends: true);
        Assert.True(_before.End());
    }

    [Fact]
    public void An_answer_that_is_still_due_must_not_come_later()
    {
        Hear("* OK ready");
        Say("A1 NOOP");
        Say("A2 STARTTLS");
        Hear("A1 OK");
        Assert.False(_before.End());
    }

    private void Say(string line) => _before.Said(Encoding.ASCII.GetBytes($"{line}\r\n"));

    private void Hear(string line) => _before.Hear(Encoding.ASCII.GetBytes(line), ends: true);
}
