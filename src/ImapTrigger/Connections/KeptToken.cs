namespace ImapTrigger.Connections;

/// <summary>One account's token: asked for when it is needed, kept, and asked for again ahead of its end. Many may wait for it; it is asked for once.</summary>
/// <param name="ask">Has its own deadline, for it is nobody's alone.</param>
/// <param name="time">By which its life is counted.</param>
internal sealed class KeptToken(Func<CancellationToken, Task<IssuedToken>> ask, TimeProvider time)
{
    /// <summary>A login takes a while, and clocks differ.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);

    private readonly object _lock = new();
    private Task<IssuedToken>? _asked;
    private long _askedAt;

    public async Task<string> GetAsync(CancellationToken cancellationToken)
    {
        Task<IssuedToken> asked;
        lock (_lock)
        {
            if (_asked is null or { IsCompleted: true, IsCompletedSuccessfully: false } || (_asked.IsCompletedSuccessfully && !IsGood(_asked.Result)))
                (_asked, _askedAt) = (ask(CancellationToken.None), time.GetTimestamp());
            asked = _asked;
        }

        return (await asked.WaitAsync(cancellationToken)).Value;
    }

    // Of a short life four fifths are used.
    private bool IsGood(IssuedToken token) => time.GetElapsedTime(_askedAt) < (token.Life / 5 < Ahead ? token.Life * 4 / 5 : token.Life - Ahead);
}
