using System.Diagnostics;

namespace ImapTrigger.IntegrationTests.Mailboxes;

/// <summary>As many mailboxes in one process as a support desk has. <c>./test.sh many --mailboxes 10000</c> takes another number.</summary>
public sealed class TwoThousandMailboxesTests
{
    /// <summary>Both ends of the connection, and all that is kept of a mailbox.</summary>
    private const int MaxBytesEach = 150_000;

    [Fact]
    public async Task Each_is_watched_and_gets_its_message()
    {
        var count = ManyMailboxes.Setting("MANY_MAILBOXES", 2000);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var began = Stopwatch.GetTimestamp();
        await using var many = new ManyMailboxes(count);
        await many.StartAsync();
        var watched = Stopwatch.GetElapsedTime(began);
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / count;
        began = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
            many.Deliver(i);
        await many.Inbox.WaitForAsync(count);
        var delivered = Stopwatch.GetElapsedTime(began);
        Assert.Equal(many.Names.Order(), many.Inbox.Got.Select(mail => mail.Account).Order());
        Assert.InRange(each, 0, MaxBytesEach);
        Assert.DoesNotContain(many.App.Logs.Entries, entry => entry.EventId is 202 or 206 or 208 or 305);
        ManyMailboxes.Print(new { mailboxes = count, secondsUntilWatched = watched.TotalSeconds, secondsUntilDelivered = delivered.TotalSeconds, heapBytesEach = each, privateMB = Process.GetCurrentProcess().PrivateMemorySize64 >> 20 });
    }
}
