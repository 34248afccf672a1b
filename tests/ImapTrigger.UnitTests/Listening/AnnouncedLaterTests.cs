using ImapTrigger.Imap;
using ImapTrigger.Listening;
using ImapTrigger.UnitTests.Listening.Model;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening;

/// <summary>What is owed after a look: what was announced and did not come, and nothing else.</summary>
public sealed class AnnouncedLaterTests : IAsyncDisposable
{
    private static readonly TimeSpan Renewal = TimeSpan.FromMinutes(9);
    private readonly PlainFolder _folder = new(lastUid: 0, new FakeTimeProvider()) { Selected = new SelectedFolder("INBOX", 7, 1, 0, null) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_that_came_before_it_was_announced_is_not_owed_when_it_is()
    {
        var catchUp = _folder.NewCatchUp();
        // The server gives the second with the first, and announces it behind that.
        Arrive(announced: 1, there: [1, 2]);
        Assert.Equal(2, (await catchUp.RunAsync(Wake.News, Token)).Found);
        Arrive(announced: 2, there: []);
        await catchUp.RunAsync(Wake.News, Token);
        Assert.Equal(Renewal, catchUp.NextLook(Renewal));
    }

    [Fact]
    public async Task A_message_that_is_announced_behind_it_and_does_not_come_is_owed()
    {
        var catchUp = _folder.NewCatchUp();
        Arrive(announced: 1, there: [1, 2]);
        await catchUp.RunAsync(Wake.News, Token);
        Arrive(announced: 3, there: []);
        await catchUp.RunAsync(Wake.News, Token);
        Assert.Equal(TimeSpan.FromSeconds(1), catchUp.NextLook(Renewal));
    }

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    private void Arrive(int announced, uint[] there)
    {
        _folder.ByFetch.AddRange(there);
        _folder.Say(new ExistsUpdate(announced));
    }
}
