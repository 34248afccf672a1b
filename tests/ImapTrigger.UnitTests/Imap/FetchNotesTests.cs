using System.Text;
using ImapTrigger.Imap;

namespace ImapTrigger.UnitTests.Imap;

public sealed class FetchNotesTests
{
    private readonly FetchNotes _notes = new();

    [Theory]
    [InlineData("Gr\u00fc\u00dfe, \u65e5\u672c, \ud83d\ude00", false)]
    [InlineData("plain", false)]
    public void UTF_8_is_not_garbled(string text, bool garbled) => Assert.Equal(garbled, Garbled(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("47 72 FC 65")]
    [InlineData("80")]
    [InlineData("C1 80")]
    [InlineData("F5 80 80 80")]
    [InlineData("C2 41")]
    [InlineData("E2 82")]
    [InlineData("F0 9F 98")]
    public void Everything_else_is(string hex) => Assert.True(Garbled(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))));

    [Theory]
    [InlineData("C2 80")]
    [InlineData("DF BF")]
    [InlineData("E0 A0 80")]
    [InlineData("EF BF BF")]
    [InlineData("F0 90 80 80")]
    [InlineData("F4 8F BF BF")]
    public void The_first_and_the_last_of_each_length_are_UTF_8(string hex) => Assert.False(Garbled(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))));

    [Fact]
    public void A_character_may_come_in_two_parts()
    {
        byte[] euro = [0xE2, 0x82, 0xAC];
        _notes.BeginFetch(1);
        foreach (var part in new[] { euro[..1], euro[1..] })
        {
            _notes.Begin(part);
            _notes.String(part);
        }

        _notes.EndFetch();
        Assert.False(_notes.Of(1).Garbled);
    }

    [Fact]
    public void Content_is_not_looked_at_nor_what_is_of_no_message()
    {
        byte[] latin = [0xFC];
        _notes.Begin(latin);
        _notes.String(latin);
        _notes.EndFetch();
        _notes.BeginFetch(1);
        _notes.BeginLiteral(4097);
        _notes.String(latin);
        _notes.EndFetch();
        Assert.False(_notes.Of(1).Garbled);
        _notes.BeginFetch(1);
        _notes.BeginLiteral(4096);
        _notes.String(latin);
        _notes.EndFetch();
        // Of another answer about the same message, too.
        _notes.BeginFetch(1);
        _notes.EndFetch();
        Assert.True(_notes.Of(1).Garbled);
        Assert.Equal(default, _notes.Of(2));
    }

    private bool Garbled(byte[] bytes)
    {
        _notes.BeginFetch(1);
        _notes.Begin(bytes);
        _notes.String(bytes);
        _notes.EndFetch();
        return _notes.Of(1).Garbled;
    }
}
