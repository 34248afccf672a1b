using FsCheck;
using FsCheck.Fluent;

namespace ImapTrigger.UnitTests;

public sealed class FolderNameTests
{
    [Theory]
    [InlineData("INBOX", "inbox")]
    [InlineData("INBOX", "Inbox/")]
    [InlineData("INBOX/Orders", "inbox/Orders")]
    [InlineData("INBOX.Orders", "Inbox.Orders")]
    [InlineData("Archive/2026", "Archive/2026/")]
    [InlineData("Entwürfe", "Entw&APw-rfe")]
    [InlineData("台北/日本語", "&U,BTFw-/&ZeVnLIqe-")]
    [InlineData("R&D", "R&-D")]
    public void Ways_to_write_one_folder_are_the_same(string a, string b) => Assert.True(FolderName.AreSame(a, b), $"{FolderName.Canonical(a)} and {FolderName.Canonical(b)}");

    // Without ICU, as in an Alpine container, .NET composes nothing; then the server is left to tell.
    [Fact]
    public void Composed_and_decomposed_letters_are_the_same_where_the_runtime_knows_them() =>
        Assert.Equal("u\u0308".Normalize() == "\u00FC", FolderName.AreSame("Entw\u00FCrfe", "Entwu\u0308rfe"));

    [Theory]
    [InlineData("Archive", "archive")]
    [InlineData("INBOX", "INBOXES")]
    [InlineData("INBOX/Orders", "INBOX/orders")]
    [InlineData("R&D", "RD")]
    public void Names_that_may_be_two_folders_are_not(string a, string b) => Assert.False(FolderName.AreSame(a, b));

    // An ampersand that begins nothing a server would write stands for itself.
    [Theory]
    [InlineData("R&D")]
    [InlineData("R&D-x")]
    [InlineData("A&AGE-")]
    [InlineData("&A/A-")]
    [InlineData("Tom & Jerry - all")]
    [InlineData("Entw&APw-rfe und Entwürfe")]
    public void A_name_with_an_ampersand_stays_as_it_is(string name) => Assert.Equal(name, FolderName.Decode(name));

    [Fact]
    public void Any_name_has_one_form_that_stays_the_same() => Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), name =>
    {
        var canonical = FolderName.Canonical(name.Get);
        // Decoding once more would be another name's: "&-APw-" is "&APw-" on the server.
        return name.Get.Contains('&', StringComparison.Ordinal) || FolderName.Canonical(canonical) == canonical;
    }).QuickCheckThrowOnFailure();
}
