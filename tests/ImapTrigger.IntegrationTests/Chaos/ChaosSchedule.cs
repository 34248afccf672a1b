namespace ImapTrigger.IntegrationTests.Chaos;

/// <summary>What goes wrong in a chaos run.</summary>
internal enum ChaosAction
{
    Kill,
    Terminate,
    Freeze,
    RestartMail,
    RestartStorage,

    /// <summary>Connections are reset.</summary>
    Cut,

    /// <summary>Nothing passes; what was sent meanwhile arrives when it ends.</summary>
    Hold,

    /// <summary>Packets are dropped, both ways.</summary>
    Drop,

    /// <summary>What the host sends is dropped, what is sent to it arrives.</summary>
    DropSent,

    /// <summary>What the host sends arrives, and takes effect; no answer does.</summary>
    DropAnswers,

    /// <summary>Connections are reset, new ones are accepted and never answered.</summary>
    ResetThenSilent,
}

/// <summary>What a host is cut off from.</summary>
[Flags]
internal enum ChaosPath
{
    None = 0,
    Mail = 1,
    Storage = 2,
    Both = Mail | Storage,
}

/// <param name="After">How long after the event before.</param>
/// <param name="Action">What happens.</param>
/// <param name="Host">To which host, to the one that owns the partition, or to all of them.</param>
/// <param name="Path">On the way to what.</param>
/// <param name="Lasts">For how long.</param>
internal sealed record ChaosEvent(TimeSpan After, ChaosAction Action, int Host, ChaosPath Path, TimeSpan Lasts)
{
    public const int Owner = -1;
    public const int All = -2;

    /// <summary>What it is counted as, such as "dropAnswers storage".</summary>
    public string Kind => char.ToLowerInvariant(Action.ToString()[0]) + Action.ToString()[1..] + (Path == ChaosPath.None ? "" : $" {Path.ToString().ToLowerInvariant()}");

    /// <summary>Whether ownership, or progress that is not on record, can be lost by it. What befalls the mail server alone is no reason to call twice.</summary>
    public bool EndangersProgress => Action is ChaosAction.Kill or ChaosAction.Terminate or ChaosAction.Freeze or ChaosAction.RestartStorage || Path.HasFlag(ChaosPath.Storage);
}

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
            var path = action >= ChaosAction.Cut ? (ChaosPath)random.Next(1, 4) : ChaosPath.None;
            // Mostly the one that works: what happens to the others teaches little.
            var host = random.Next(3) == 0 ? random.Next(hosts) : ChaosEvent.Owner;
            if (action is ChaosAction.RestartMail or ChaosAction.RestartStorage || (action >= ChaosAction.Cut && random.Next(4) == 0))
                host = ChaosEvent.All;
            var lasts = action switch
            {
                ChaosAction.Kill or ChaosAction.Terminate => Seconds(1, 8),
                ChaosAction.RestartMail or ChaosAction.RestartStorage or ChaosAction.Cut => TimeSpan.Zero,
                // Longer and shorter than the lease.
                ChaosAction.Freeze => Seconds(3, 45),
                _ => path == ChaosPath.Mail ? Seconds(3, 30) : Seconds(3, 40),
            };
            at += after + lasts;
            if (at > length)
                return events;
            events.Add(new ChaosEvent(after, action, host, path, lasts));
        }

        TimeSpan Seconds(int from, int to) => TimeSpan.FromSeconds(from + (random.NextDouble() * (to - from)));
    }
}
