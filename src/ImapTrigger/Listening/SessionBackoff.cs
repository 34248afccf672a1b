using ImapTrigger.Imap;
using ImapTrigger.Supervision;

namespace ImapTrigger.Listening;

/// <summary>How long to wait until the next session, after one has failed (law 8).</summary>
internal sealed class SessionBackoff(TimeProvider time)
{
    private static readonly TimeSpan StableAfter = TimeSpan.FromMinutes(5);
    private static readonly Backoff Transient = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));

    // Long enough not to press a server that is down, short enough for the mail that waits.
    private static readonly Backoff Unavailable = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5));
    private static readonly Backoff Throttled = new(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(30));

    // A wrong password tried often locks the account, and nothing gets better by hurrying.
    private static readonly Backoff Refused = new(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(30));

    private static readonly TimeSpan SaidAgainAfter = TimeSpan.FromMinutes(5);

    private int _failures;
    private long _saidAt;
    private ImapSessionError? _said;
    private long _began;

    /// <summary>A session has failed before.</summary>
    public bool HasFailed => _failures > 0;

    /// <summary>The last failure was of the same kind as the one before.</summary>
    public bool IsRepeated { get; private set; }

    /// <summary>A session is about to be opened.</summary>
    public void Begin() => _began = time.GetTimestamp();

    /// <summary>It has failed. Back-off is forgotten after minutes that went well, not after a login that did; what only broke is, where mail has come.</summary>
    /// <param name="e">Why.</param>
    /// <param name="mailCame">Whether the session has brought new mail.</param>
    /// <param name="saidBefore">Whether the failure before was of the same kind, and people have been told less than 5 minutes ago.</param>
    public TimeSpan After(Exception e, bool mailCame, out bool saidBefore)
    {
        var failure = e as ImapSessionException;
        var broke = failure?.Error is ImapSessionError.ConnectionLost or ImapSessionError.ProtocolError;
        _failures = (broke && mailCame) || time.GetElapsedTime(_began) >= StableAfter ? 1 : _failures + 1;
        IsRepeated = _failures > 1 && _said == failure?.Error;
        saidBefore = IsRepeated && time.GetElapsedTime(_saidAt) < SaidAgainAfter;
        if (!saidBefore)
            _saidAt = time.GetTimestamp();
        _said = failure?.Error;
        var wait = (failure?.Error switch
        {
            ImapSessionError.AuthenticationRefused or ImapSessionError.TokenUnavailable => Refused,
            ImapSessionError.Throttled => Throttled,
            ImapSessionError.ServerUnavailable => Unavailable,
            _ => Transient,
        }).After(_failures);
        return failure?.RetryAfter > wait ? failure.RetryAfter.Value : wait;
    }
}
