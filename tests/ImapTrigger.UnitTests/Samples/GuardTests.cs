using Agent;

namespace ImapTrigger.UnitTests.Samples;

/// <summary>Whose mail the agent of the sample sees.</summary>
public sealed class GuardTests
{
    private static readonly string[] Senders = ["ann@example.org", "agent@example.org"];

    private static readonly ImapEvent Good = new()
    {
        Account = "agent@example.org",
        Folder = "INBOX",
        UidValidity = 1,
        Uid = 1,
        From = [new ImapAddress("Ann", "Ann@Example.org")],
        Kind = ImapMessageKind.Normal,
        Authentication = new ImapAuthentication { AuthservId = "mx.example.org", Verified = true },
    };

    public static TheoryData<string, ImapEvent> Others => new()
    {
        { "not all of it", Good with { IncompleteReason = "Something is missing." } },
        { "no person", Good with { Kind = null } },
        { "no person", Good with { Kind = ImapMessageKind.AutoSubmitted } },
        { "no person", Good with { Kind = ImapMessageKind.List } },
        { "one author", Good with { From = [] } },
        { "one author", Good with { From = [Good.From[0], new ImapAddress(null, "eve@evil.example")] } },
        { "nothing proves", Good with { Authentication = null } },
        { "nothing proves", Good with { Authentication = Good.Authentication! with { Verified = false } } },
        { "not one of those", Good with { From = [new ImapAddress("ann@example.org", "eve@evil.example")] } },
        { "not one of those", Good with { From = [new ImapAddress(null, "ann@example.org.evil.example")] } },
        { "this mailbox itself", Good with { From = [new ImapAddress(null, "agent@example.org")] } },
    };

    [Fact]
    public void Verified_mail_of_an_allowed_sender_goes_on() => Assert.Null(Guard.WhyNot(Good, Senders));

    [Theory]
    [MemberData(nameof(Others))]
    public void Nobody_else_s_does(string why, ImapEvent mail) => Assert.Contains(why, Guard.WhyNot(mail, Senders), StringComparison.Ordinal);
}
