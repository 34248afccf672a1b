namespace ImapTrigger.IntegrationTests.Chaos;

/// <summary>What goes wrong in a chaos run.</summary>
internal enum ChaosAction
{
    Kill,
    Terminate,
    Pause,
    RestartMail,
    RestartStorage,
    CutMail,
    BlackHoleMail,
    CutStorage,
    BlackHoleStorage,
}

/// <param name="After">How long after the event before.</param>
/// <param name="Action">What happens.</param>
/// <param name="Host">To which host, or to the one that owns the partition (-1).</param>
/// <param name="Lasts">For how long.</param>
internal sealed record ChaosEvent(TimeSpan After, ChaosAction Action, int Host, TimeSpan Lasts);

/// <summary>The events of a run; the same seed gives the same.</summary>
internal static class ChaosSchedule
{
    public static IReadOnlyList<ChaosEvent> Of(int seed, TimeSpan length, int hosts)
    {
        var random = new Random(seed);
        var events = new List<ChaosEvent>();
        for (var at = TimeSpan.Zero; ;)
        {
            var after = Seconds(4, 14);
            var action = (ChaosAction)random.Next(Enum.GetValues<ChaosAction>().Length);
            // Mostly the one that works: what happens to the others teaches little.
            var host = random.Next(3) == 0 ? random.Next(hosts) : -1;
            var lasts = action switch
            {
                // Longer and shorter than the lease.
                ChaosAction.Pause => Seconds(3, 45),
                ChaosAction.BlackHoleStorage => Seconds(3, 40),
                ChaosAction.BlackHoleMail => Seconds(3, 30),
                ChaosAction.Kill or ChaosAction.Terminate => Seconds(1, 8),
                _ => TimeSpan.Zero,
            };
            at += after + lasts;
            if (at > length)
                return events;
            events.Add(new ChaosEvent(after, action, host, lasts));
        }

        TimeSpan Seconds(int from, int to) => TimeSpan.FromSeconds(from + (random.NextDouble() * (to - from)));
    }
}
