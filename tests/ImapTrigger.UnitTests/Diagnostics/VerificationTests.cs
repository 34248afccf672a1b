using ImapTrigger.Diagnostics;
using ImapTrigger.Listening;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Diagnostics;

public sealed class VerificationTests : ILogger
{
    private static readonly TimeSpan Renewal = TimeSpan.FromMinutes(9);

    private readonly FakeTimeProvider _time = new();
    private readonly List<(int EventId, string Text)> _said = [];

    [Fact]
    public void The_alarm_comes_when_two_looks_are_late_and_again_as_long()
    {
        using var verification = Begin();
        _time.Advance(Renewal);
        verification.Looked();
        _time.Advance(Renewal * 1.9);
        Assert.Empty(_said);
        _time.Advance(Renewal * 0.1);
        _time.Advance(Renewal * 2);
        Assert.Equal([312, 312], _said.Select(line => line.EventId));
        verification.Looked();
        Assert.Equal(313, _said[^1].EventId);
    }

    [Fact]
    public void It_names_what_stands_in_the_way_and_not_what_once_did()
    {
        using var verification = Begin();
        verification.Failed("The host could not be reached.");
        _time.Advance(Renewal * 2);
        Assert.Contains("The host could not be reached.", _said[^1].Text, StringComparison.Ordinal);
        verification.Looked();
        // Half-open: no attempt fails, and nobody answers.
        _time.Advance(Renewal * 2);
        Assert.Equal(312, _said[^1].EventId);
        Assert.DoesNotContain("could not be reached", _said[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void One_of_several_whose_login_is_refused_is_set_aside_and_makes_nothing_else_look_dead()
    {
        using var ann = Begin("ann");
        using var bob = Begin("bob");
        ann.SetAside("refused");
        ann.SetAside("refused again");
        Assert.Equal((333, 1), (Assert.Single(_said).EventId, CountOf("OnMail")));
        _time.Advance(Renewal * 1.9);
        bob.Looked();
        _time.Advance(Renewal * 0.2);
        Assert.Equal(Renewal * 0.2, Verification.LongestOf([ann, bob]));
        Assert.DoesNotContain(_said, line => line.EventId == 312);
        ann.Looked();
        Assert.Equal((335, 0), (_said[^1].EventId, CountOf("OnMail")));
        _time.Advance(Renewal * 2);
        Assert.Equal([312, 312], _said.Skip(2).Select(line => line.EventId));
    }

    [Fact]
    public void When_all_are_set_aside_or_there_is_but_one_the_alarm_rings()
    {
        using (var alone = Begin("ann"))
        {
            alone.SetAside("refused");
            _time.Advance(Renewal * 2);
            Assert.Equal(312, Assert.Single(_said).EventId);
        }

        _said.Clear();
        using var ann = Begin("ann");
        using var bob = Begin("bob");
        ann.SetAside("refused");
        bob.SetAside("refused");
        _time.Advance(Renewal * 2);
        Assert.Equal([333, 333, 312, 312], _said.Select(line => line.EventId));
        Assert.Equal(Renewal * 2, Verification.LongestOf([ann, bob]));
    }

    /// <summary>An old host beside its successor, or two in one process.</summary>
    [Fact]
    public void Another_listener_s_mailboxes_are_not_beside_it_though_its_function_has_the_name()
    {
        using var others = new Verification(new MailboxSource(new ImapAccount { Host = "h", UserName = "bob", Password = "p" }, "INBOX") { Function = "OnMail" }, Renewal, _time, NullLogger.Instance);
        using var ann = Begin("ann");
        ann.SetAside("refused");
        _time.Advance(Renewal * 2);
        Assert.Equal(312, Assert.Single(_said).EventId);
    }

    private static int CountOf(string function) => Metrics.SetAside.Read().Where(count => Equals(count.Tags[0].Value, function)).Sum(count => count.Value);

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _said.Add((eventId.Id, formatter(state, exception)));

    private Verification Begin(string user = "u") =>
        new(new MailboxSource(new ImapAccount { Host = "h", UserName = user, Password = "p" }, "INBOX") { Function = "OnMail" }, Renewal, _time, this);
}
