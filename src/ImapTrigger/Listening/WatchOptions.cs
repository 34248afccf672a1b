namespace ImapTrigger.Listening;

/// <param name="IdleRenewal">How long IDLE stays on between two looks by UID.</param>
/// <param name="PollInterval">How often a server without IDLE, or one whose IDLE is not to be trusted, is asked.</param>
/// <param name="OnUidValidityChange">What to do when the cursor means nothing any more.</param>
internal sealed record WatchOptions(TimeSpan IdleRenewal, TimeSpan PollInterval, UidValidityPolicy OnUidValidityChange);
