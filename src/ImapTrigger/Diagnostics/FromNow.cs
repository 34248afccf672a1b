namespace ImapTrigger.Diagnostics;

/// <summary>When something goes on, in a line of the log: "in 8 s", or "at once".</summary>
internal readonly record struct FromNow(TimeSpan Wait)
{
    public static implicit operator FromNow(TimeSpan wait) => new(wait);

    public override string ToString() => Wait <= TimeSpan.Zero ? "at once" : $"in {new Pause(Wait)}";
}
