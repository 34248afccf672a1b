using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests;

/// <summary>Lets fake time pass in small steps, and the loops that wait for it run in between.</summary>
internal static class FakeTime
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);

    public static async Task PassAsync(this FakeTimeProvider time, TimeSpan span)
    {
        for (var passed = TimeSpan.Zero; passed < span; passed += Step)
        {
            time.Advance(Step);
            await Task.Delay(1);
        }
    }

    public static async Task PassUntilAsync(this FakeTimeProvider time, Func<bool> condition)
    {
        for (var steps = 0; !condition(); steps++)
        {
            Assert.True(steps < 600, "It did not happen within five minutes.");
            await time.PassAsync(Step);
        }
    }
}
