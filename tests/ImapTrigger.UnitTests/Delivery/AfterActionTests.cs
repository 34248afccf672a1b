using ImapTrigger.Delivery;

namespace ImapTrigger.UnitTests.Delivery;

public sealed class AfterActionTests
{
    private static readonly AfterAction Seen = new(AfterActionKind.Seen);

    [Theory]
    [InlineData("", nameof(AfterActionKind.None), null)]
    [InlineData("none", nameof(AfterActionKind.None), null)]
    [InlineData(" Seen ", nameof(AfterActionKind.Seen), null)]
    [InlineData("DELETE", nameof(AfterActionKind.Delete), null)]
    [InlineData("move: Archive:2026 ", nameof(AfterActionKind.Move), "Archive:2026")]
    [InlineData("Keyword:$Done-1_a.b", nameof(AfterActionKind.Keyword), "$Done-1_a.b")]
    public void It_is_read_as_it_is_written(string text, string kind, string? argument)
    {
        var action = AfterAction.Parse(text, out var problem);
        Assert.Null(problem);
        Assert.Equal((kind, argument), (action!.Kind.ToString(), action.Argument));
        Assert.Equal(kind == nameof(AfterActionKind.None), action.IsNone);
    }

    [Theory]
    [InlineData("keyword", "a keyword is written keyword:Name, of letters, digits and $ - _ . only")]
    [InlineData("keyword:", "a keyword is written keyword:Name, of letters, digits and $ - _ . only")]
    [InlineData("keyword:two words", "a keyword is written keyword:Name, of letters, digits and $ - _ . only")]
    [InlineData("keyword:Erledigt\u00fc", "a keyword is written keyword:Name, of letters, digits and $ - _ . only")]
    [InlineData("move", "'move' is none of none, seen, keyword:Name, move:Folder, copy:Folder, delete")]
    [InlineData("move: ", "'move: ' is none of none, seen, keyword:Name, move:Folder, copy:Folder, delete")]
    [InlineData("none:x", "'none:x' is none of none, seen, keyword:Name, move:Folder, copy:Folder, delete")]
    [InlineData("seen:x", "'seen:x' is none of none, seen, keyword:Name, move:Folder, copy:Folder, delete")]
    [InlineData("delete:x", "'delete:x' is none of none, seen, keyword:Name, move:Folder, copy:Folder, delete")]
    [InlineData("archive", "'archive' is none of none, seen, keyword:Name, move:Folder, copy:Folder, delete")]
    public void What_it_cannot_be_is_explained(string text, string explained)
    {
        Assert.Null(AfterAction.Parse(text, out var problem));
        Assert.Equal(explained, problem);
    }

    [Theory]
    [InlineData("seen")]
    [InlineData("keyword:$Done")]
    [InlineData("move:Archive/2026")]
    public void It_is_told_as_it_is_written(string text) => Assert.Equal(text, AfterAction.Parse(text, out _)!.ToString());

    [Fact]
    public void A_mailbox_is_open_for_writing_when_anything_is_to_be_done()
    {
        Assert.False(new AfterActions(AfterAction.None, AfterAction.None).Any);
        Assert.True(new AfterActions(Seen, AfterAction.None).Any);
        Assert.True(new AfterActions(AfterAction.None, Seen).Any);
    }
}
