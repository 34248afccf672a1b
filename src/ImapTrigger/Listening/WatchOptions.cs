namespace ImapTrigger.Listening;

/// <param name="IdleRenewal">How long IDLE stays on between two looks by UID.</param>
/// <param name="PollInterval">How often a server without IDLE is asked.</param>
internal sealed record WatchOptions(TimeSpan IdleRenewal, TimeSpan PollInterval);
