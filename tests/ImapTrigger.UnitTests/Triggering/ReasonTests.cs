using ImapTrigger.Triggering;

namespace ImapTrigger.UnitTests.Triggering;

/// <summary>What the host writes for "Reason" when it begins a call.</summary>
public sealed class ReasonTests
{
    [Theory]
    [InlineData("INBOX/1/4711", "mail 4711 in INBOX")]
    [InlineData("Archive/2026/1/7", "mail 7 in Archive/2026")]
    public void It_names_the_mail(string argument, string reason) =>
        Assert.Equal(reason, new ImapIdleTriggerBinding.Descriptor { Name = "mail" }.GetTriggerReason(new Dictionary<string, string> { ["mail"] = argument }));
}
