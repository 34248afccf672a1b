using ImapTrigger.Imap;

namespace ImapTrigger.UnitTests.Imap;

public sealed class UntrustedTextTests
{
    [Fact]
    public void Harmless_text_stays_the_same_object()
    {
        var text = "Grüße, 日本";
        Assert.Same(text, UntrustedText.Clean(text, 100));
    }

    [Fact]
    public void Long_text_is_cut_and_marked()
    {
        var clean = UntrustedText.Clean(new string('a', 1_000_000), 2048)!;
        Assert.Equal(2048, clean.Length);
        Assert.EndsWith("a…", clean, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\r\nInjected: b", "a  Injected: b")]
    [InlineData("exe.\u202Egpj", "exe. gpj")]
    [InlineData("smile \U0001F600", "smile \U0001F600")]
    public void What_could_deceive_becomes_a_space(string text, string expected) => Assert.Equal(expected, UntrustedText.Clean(text, 100));

    // Not in the table above: metadata of attributes is UTF-8, which cannot hold half a pair.
    [Fact]
    public void Half_a_surrogate_pair_becomes_a_space() => Assert.Equal("lone   half", UntrustedText.Clean("lone \uD800 half", 100));

    [Theory]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData(@"C:\Windows\win.ini", "win.ini")]
    [InlineData("..", null)]
    [InlineData("a:b.txt", "a_b.txt")]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_file_name_is_the_last_part_only(string? name, string? expected) => Assert.Equal(expected, UntrustedText.CleanFileName(name, 255));
}
