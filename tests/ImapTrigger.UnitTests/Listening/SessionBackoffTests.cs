using ImapTrigger.Imap;
using ImapTrigger.Listening;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening;

public sealed class SessionBackoffTests
{
    /// <summary>The first wait and the longest, in seconds, as in docs/reliability.md; each is varied by a fifth.</summary>
    [Theory]
    [InlineData(ImapSessionError.ConnectionLost, 1, 300)]
    [InlineData(ImapSessionError.LocalFailure, 1, 300)]
    [InlineData(ImapSessionError.ServerUnavailable, 5, 300)]
    [InlineData(ImapSessionError.Throttled, 30, 1800)]
    [InlineData(ImapSessionError.AuthenticationRefused, 60, 1800)]
    public void Each_kind_has_its_patience(ImapSessionError error, double first, double longest)
    {
        var backoff = new SessionBackoff(new FakeTimeProvider());
        var waits = Enumerable.Range(0, 20).Select(_ =>
        {
            backoff.Begin();
            return backoff.After(new ImapSessionException(error, "No"), mailCame: false, out bool _).TotalSeconds;
        }).ToArray();
        Assert.InRange(waits[0], first * 0.79, first * 1.21);
        Assert.InRange(waits[^1], longest * 0.79, longest * 1.21);
    }

    [Fact]
    public void A_mailbox_that_stays_down_is_said_again_but_not_more_than_once_in_five_minutes()
    {
        var time = new FakeTimeProvider();
        var backoff = new SessionBackoff(time);
        var said = new List<TimeSpan>();
        var begin = time.GetTimestamp();
        while (time.GetElapsedTime(begin) < TimeSpan.FromHours(1))
        {
            backoff.Begin();
            var wait = backoff.After(new ImapSessionException(ImapSessionError.Unreachable, "No"), mailCame: false, out var saidBefore);
            if (!saidBefore)
                said.Add(time.GetElapsedTime(begin));
            Assert.Equal(said.Count > 1 || saidBefore, backoff.IsRepeated);
            time.Advance(wait);
        }

        Assert.InRange(said.Count, 6, 12);
        Assert.All(said.Zip(said.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(11)));
    }

    [Fact]
    public void What_the_server_asks_for_it_gets()
    {
        var backoff = new SessionBackoff(new FakeTimeProvider());
        backoff.Begin();
        Assert.Equal(TimeSpan.FromMinutes(50), backoff.After(new ImapSessionException(ImapSessionError.Throttled, "No") { RetryAfter = TimeSpan.FromMinutes(50) }, mailCame: false, out _));
    }

    [Theory]
    [InlineData(ImapSessionError.ProtocolError, 1)]
    [InlineData(ImapSessionError.ConnectionLost, 1)]
    [InlineData(ImapSessionError.Throttled, 960)]
    public void A_session_that_breaks_after_it_has_brought_mail_is_replaced_soon_but_patience_stays_patience(ImapSessionError error, double seconds)
    {
        var backoff = new SessionBackoff(new FakeTimeProvider());
        var waits = Enumerable.Range(0, 6).Select(_ =>
        {
            backoff.Begin();
            return backoff.After(new ImapSessionException(error, "No"), mailCame: true, out bool _).TotalSeconds;
        }).ToArray();
        Assert.InRange(waits[^1], seconds * 0.79, seconds * 1.21);
    }
}
