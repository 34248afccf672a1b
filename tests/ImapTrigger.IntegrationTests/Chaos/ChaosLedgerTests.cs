using System.Diagnostics;
using ImapTrigger.IntegrationTests.Hosting;

namespace ImapTrigger.IntegrationTests.Chaos;

/// <summary>What the ledger of a chaos run calls explained, and what it does not. Times in seconds.</summary>
public sealed class ChaosLedgerTests
{
    private readonly ChaosLedger _ledger = new();
    private readonly HostOutput _first = new();
    private readonly HostOutput _second = new();

    public ChaosLedgerTests()
    {
        _ledger.Started(_first);
        _ledger.Started(_second);
        Says(_first, 200, 0);
    }

    [Theory]
    [InlineData(56.1, true)]
    [InlineData(59.9, true)]
    // So long before the end its progress has been on record for a while.
    [InlineData(55.9, false)]
    public void What_a_killed_process_called_comes_again_only_if_it_was_called_just_before(double at, bool explained)
    {
        Calls(_first, "m", at);
        Befalls(ChaosAction.Kill, ChaosPath.None, 60, 65, _first);
        _ledger.Died(_first, At(60));
        Calls(_second, "m", 90);
        Explained(explained, "kill");
    }

    [Theory]
    [InlineData(ChaosAction.Drop)]
    [InlineData(ChaosAction.DropSent)]
    [InlineData(ChaosAction.DropAnswers)]
    [InlineData(ChaosAction.ResetThenSilent)]
    [InlineData(ChaosAction.Hold)]
    internal void What_is_called_while_the_storage_is_away_may_come_again_and_not_what_was_called_long_before(ChaosAction action)
    {
        Calls(_first, "before", 55.9);
        Calls(_first, "while", 63);
        Befalls(action, ChaosPath.Storage, 60, 90, _first);
        Says(_first, 202, 85);
        Calls(_second, "while", 91);
        Assert.Empty(Failures(sent: 2));
        Calls(_second, "before", 91);
        Assert.Contains("no fault explains that before came again, 29.1 s before", Assert.Single(Failures(sent: 2)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_without_mail_is_no_reason_to_call_twice()
    {
        Calls(_first, "m", 61);
        Befalls(ChaosAction.Drop, ChaosPath.Mail, 60, 90, _first);
        Says(_first, 202, 85);
        Calls(_second, "m", 91);
        Explained(false, "drop mail");
    }

    [Fact]
    public void What_befell_another_host_is_no_reason()
    {
        Calls(_first, "m", 61);
        Befalls(ChaosAction.Drop, ChaosPath.Storage, 60, 90, _second);
        Says(_first, 202, 85);
        Calls(_second, "m", 91);
        Explained(false, "drop storage");
    }

    [Fact]
    public void Whoever_has_lost_nothing_has_no_reason()
    {
        Calls(_first, "m", 61);
        Befalls(ChaosAction.Drop, ChaosPath.Storage, 60, 90, _first);
        Calls(_second, "m", 91);
        Explained(false, "drop storage");
    }

    [Theory]
    [InlineData(66.9, true)]
    [InlineData(67.1, false)]
    public void What_comes_again_after_one_loss_was_called_within_four_seconds(double last, bool within)
    {
        Calls(_first, "first", 62);
        Calls(_first, "last", last);
        Befalls(ChaosAction.Drop, ChaosPath.Storage, 60, 90, _first);
        Says(_first, 202, 85);
        Calls(_second, "first", 91);
        Calls(_second, "last", 91.1);
        var failures = Failures(sent: 2);
        if (within)
            Assert.Empty(failures);
        else
            Assert.Contains("after one drop storage had been called over 5.1 s", Assert.Single(failures), StringComparison.Ordinal);
        Assert.Equal(2, _ledger.Duplicates()["drop storage"].Count);
    }

    [Fact]
    public void A_frozen_process_ages_nothing()
    {
        Calls(_first, "first", 59);
        Calls(_first, "last", 81);
        Befalls(ChaosAction.Freeze, ChaosPath.None, 60, 80, _first);
        Says(_first, 202, 81.1);
        Calls(_second, "first", 91);
        Calls(_second, "last", 91.1);
        Assert.Empty(Failures(sent: 2));
    }

    [Fact]
    public void What_was_never_called_is_lost()
    {
        Calls(_first, "m", 1);
        Assert.Equal("1 of 2 messages are lost", Assert.Single(Failures(sent: 2)));
    }

    private static long At(double seconds) => (long)(seconds * Stopwatch.Frequency);

    private static void Says(HostOutput process, int eventId, double at) => process.Add($"warn: Host.Triggers.ImapIdle[{eventId}] so it is", At(at));

    private static void Calls(HostOutput process, string subject, double at) => process.Add($"GOT 1 1 0 {subject}", At(at));

    private void Befalls(ChaosAction action, ChaosPath path, double from, double to, HostOutput process) =>
        _ledger.Happened(new ChaosEvent(TimeSpan.Zero, action, 0, path, TimeSpan.FromSeconds(to - from)), [process], At(from), At(to));

    private string[] Failures(int sent)
    {
        _ledger.Sent = sent;
        return _ledger.Failures().ToArray();
    }

    private void Explained(bool explained, string kind)
    {
        Assert.Equal(explained ? 0 : 1, Failures(sent: 1).Length);
        Assert.Equal(explained ? 1 : 0, _ledger.Duplicates()[kind].Count);
        Assert.Equal(!explained, _ledger.Duplicates().ContainsKey(ChaosLedger.Unexplained));
    }
}
