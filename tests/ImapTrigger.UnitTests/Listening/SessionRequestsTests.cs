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
        var asked = requests.AskAsync<int>((_, _) => throw new ImapSessionException(error, "No"), Token);
        await requests.ServeAsync(null!, Token);
        Assert.Equal(error, (await Assert.ThrowsAsync<ImapSessionException>(() => asked)).Error);
    }
}
