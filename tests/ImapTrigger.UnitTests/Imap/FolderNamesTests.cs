using ImapTrigger.Imap;

namespace ImapTrigger.UnitTests.Imap;

public sealed class FolderNamesTests
{
    [Theory]
    [InlineData("archive/2026", '.', "INBOX.Archive.2026")]
    [InlineData("Archive", '/', "Archiv")]
    [InlineData("Sent Item", '/', "Sent Items")]
    [InlineData("INBOX/Done", '/', "Done")]
    public void The_nearest_is_guessed_and_the_separator_named(string wanted, char separator, string nearest)
    {
        var text = FolderNames.Tell(wanted, ["Drafts", nearest, "Trash"], separator);
        Assert.StartsWith($" Did you mean '{nearest}'? Levels are separated by '{separator}'. There are: 'INBOX', 'Drafts', ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_far_off_is_not_guessed() => Assert.StartsWith(" There are: 'INBOX', 'Drafts'.", FolderNames.Tell("Receipts", ["Drafts"], '\0'), StringComparison.Ordinal);

    [Fact]
    public void Many_long_and_odd_names_stay_a_line()
    {
        var text = FolderNames.Tell(new string('w', 100_000), Enumerable.Range(0, 5000).Select(i => $"{i}\r\n\u202E{new string('x', 5000)}"), '/');
        Assert.InRange(text.Length, 100, 3000);
        Assert.DoesNotContain('\n', text);
        Assert.DoesNotContain('\u202E', text);
        Assert.EndsWith(" and 4981 more.", text, StringComparison.Ordinal);
    }
}
