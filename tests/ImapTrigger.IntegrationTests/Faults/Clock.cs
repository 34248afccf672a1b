using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>Lets fake time pass in steps, short enough for a server in this process to answer before the next deadline.</summary>
internal static class Clock
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    public static async Task PassAsync(this FakeTimeProvider time, TimeSpan span)
    {
        var end = time.GetUtcNow() + span;
        while (time.GetUtcNow() < end)
            await StepAsync(time);
    }

    /// <summary>How long it took, by the fake clock.</summary>
    public static async Task<TimeSpan> PassUntilAsync(this FakeTimeProvider time, Func<bool> condition, string what)
    {
        var began = time.GetUtcNow();
        while (!condition())
        {
            Assert.True(time.GetUtcNow() - began < TimeSpan.FromHours(1), $"Within an hour there was not {what}.");
            await StepAsync(time);
        }

        return time.GetUtcNow() - began;
    }

    private static async Task StepAsync(FakeTimeProvider time)
    {
        time.Advance(Step);
        // Real sockets answer in real time.
        await Task.Delay(2);
    }
}
