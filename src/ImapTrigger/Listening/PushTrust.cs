namespace ImapTrigger.Listening;

/// <summary>
/// Whether the server's IDLE can be relied on (law 7). Mail that a look finds after IDLE had said nothing was missed by IDLE; a server that
/// does it repeatedly is asked beside IDLE, until it announces again what comes.
/// </summary>
internal sealed class PushTrust
{
    /// <summary>One may be mail that came in the instant between DONE and the look.</summary>
    private const int MissesToDoubt = 2;
    private const int ProofsToTrust = 3;
    private int _misses;
    private int _proofs;

    /// <summary>Whether the server is polled beside IDLE.</summary>
    public bool IsDoubted { get; private set; }

    /// <summary>Takes note of a look that found new mail. True when <see cref="IsDoubted"/> has changed.</summary>
    /// <param name="announced">Whether the server had said something while it idled.</param>
    public bool Found(bool announced)
    {
        _misses = announced ? 0 : _misses + 1;
        _proofs = announced ? _proofs + 1 : 0;
        var doubted = IsDoubted ? _proofs < ProofsToTrust : _misses >= MissesToDoubt;
        if (doubted == IsDoubted)
            return false;
        IsDoubted = doubted;
        return true;
    }
}
