using ImapTrigger.Imap;

namespace ImapTrigger.UnitTests.Listening.Model;

/// <summary>How a message's metadata breaks its fetch.</summary>
internal enum Badness
{
    None,
    Refused,
    EndsSession,
    Unreadable,
}

/// <param name="Uid">Its UID, given when it arrives.</param>
/// <param name="Arrives">From then on UIDNEXT counts it.</param>
/// <param name="Visible">From then on it can be seen; later than others with higher UIDs, perhaps.</param>
/// <param name="Expunged">From then on it is gone; null for one that stays.</param>
/// <param name="Badness">What its metadata does.</param>
/// <param name="PassesFrom">From which rung on it can be fetched; null for never.</param>
internal sealed record ModelMessage(uint Uid, TimeSpan Arrives, TimeSpan Visible, TimeSpan? Expunged, Badness Badness, FetchRung? PassesFrom);
