using ImapTrigger.Imap;
using ImapTrigger.IntegrationTests.Servers;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>Servers that say BYE and leave the connection open, while an answer is waited for.</summary>
public sealed class FarewellTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("AUTHENTICATE")]
    [InlineData("EXAMINE")]
    [InlineData("UID")]
    public async Task A_server_that_takes_its_leave_is_left_after_five_seconds_and_its_words_stay(string at)
    {
        var time = new WatchedTime();
        await using var server = new ScriptedServer("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] Ready", (tag, command) => command.Split(' ')[0] switch
        {
            var word when word == at => "* OK Still here\n* BYE Closing for tonight\n* BYE Twice",
            "CAPABILITY" => $"* CAPABILITY IMAP4rev1\n{tag} OK Done",
            "LIST" => $"* LIST () \"/\" INBOX\n{tag} OK Done",
            "EXAMINE" => $"* 0 EXISTS\n* OK [UIDVALIDITY 1] Valid\n* OK [UIDNEXT 1] Next\n{tag} OK [READ-ONLY] Done",
            _ => $"{tag} OK Done",
        });
        var looking = LookAsync(server.Account(), time);
        await time.Asked.WaitAsync(TimeSpan.FromSeconds(20), Token);
        time.Advance(Limit - TimeSpan.FromTicks(1));
        Assert.False(looking.IsCompleted);
        time.Advance(TimeSpan.FromTicks(1));
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => looking);
        Assert.Equal(ImapSessionError.ConnectionLost, error.Error);
        Assert.Contains("(\"Closing for tonight\")", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_BYE_that_answers_our_LOGOUT_gives_the_server_no_more_time()
    {
        var time = new WatchedTime();
        await using var server = new ScriptedServer("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] Ready", (tag, command) => command switch
        {
            "LOGOUT" => $"* OK Wait\n* BYE Good bye\n{tag} OK Bye",
            "CAPABILITY" => $"* CAPABILITY IMAP4rev1\n{tag} OK Done",
            _ => $"{tag} OK Done",
        });
        await (await ImapSession.ConnectAsync(server.Account(), time, Token)).DisposeAsync();
        Assert.Contains("LOGOUT", server.Commands);
        Assert.False(time.Asked.IsCompleted);
    }

    private static async Task LookAsync(ImapAccount account, TimeProvider time)
    {
        await using var session = await ImapSession.ConnectAsync(account, time, Token);
        await session.SelectAsync("INBOX", Token);
        await session.SearchAsync(0, Token);
    }

    /// <summary>Tells when the five seconds have begun.</summary>
    private sealed class WatchedTime : FakeTimeProvider
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => _asked.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new Watched(base.CreateTimer(callback, state, dueTime, period), _asked);

        private sealed class Watched(ITimer timer, TaskCompletionSource asked) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                var isChanged = timer.Change(dueTime, period);
                if (dueTime == Limit)
                    asked.TrySetResult();
                return isChanged;
            }

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }
}
