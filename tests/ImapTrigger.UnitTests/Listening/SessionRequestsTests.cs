using ImapTrigger.Imap;
using ImapTrigger.Listening;

namespace ImapTrigger.UnitTests.Listening;

public sealed class SessionRequestsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ImapSessionError.CommandRefused)]
    [InlineData(ImapSessionError.FolderUnavailable)]
    [InlineData(ImapSessionError.LocalFailure)]
    public async Task What_breaks_no_session_is_told_who_asked_and_ends_none(ImapSessionError error)
    {
        var requests = new SessionRequests();
        var asked = requests.AskAsync<int>((_, _) => throw new ImapSessionException(error, "No"), SessionRequests.ReadTries, Token);
        await requests.ServeAsync(null!, Token);
        Assert.Equal(error, (await Assert.ThrowsAsync<ImapSessionException>(() => asked)).Error);
    }

    [Theory]
    [InlineData(SessionRequests.ReadTries, true)]
    [InlineData(SessionRequests.ActTries, false)]
    public async Task Broken_connections_are_tried_again_by_the_next_session_up_to_a_limit(int tries, bool isRead)
    {
        var requests = new SessionRequests();
        var asked = requests.AskAsync<int>((_, _) => throw new ImapSessionException(ImapSessionError.ConnectionLost, "Broken"), tries, Token);
        for (var broken = 1; broken <= tries; broken++)
        {
            Assert.False(asked.IsCompleted);
            await Assert.ThrowsAsync<ImapSessionException>(() => requests.ServeAsync(null!, Token));
            Assert.Equal(isRead, requests.BrokeReading);
        }

        Assert.Equal(ImapSessionError.ConnectionLost, (await Assert.ThrowsAsync<ImapSessionException>(() => asked)).Error);
    }

    /// <summary>Neither a try, nor a message that breaks its session.</summary>
    [Theory]
    [InlineData(ImapSessionError.Throttled)]
    [InlineData(ImapSessionError.ServerUnavailable)]
    public async Task A_server_that_asks_for_patience_breaks_nothing(ImapSessionError error)
    {
        var requests = new SessionRequests();
        var refused = 0;
        var asked = requests.AskAsync((_, _) => ++refused <= 50 ? throw new ImapSessionException(error, "Later") : Task.FromResult(7), SessionRequests.ReadTries, Token);
        for (var i = 0; i < 50; i++)
            await Assert.ThrowsAsync<ImapSessionException>(() => requests.ServeAsync(null!, Token));
        Assert.False(requests.BrokeReading);
        await requests.ServeAsync(null!, Token);
        Assert.Equal(7, await asked);
    }
}
