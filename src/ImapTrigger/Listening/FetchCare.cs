using ImapTrigger.Imap;

namespace ImapTrigger.Listening;

/// <summary>
/// Remembers from session to session where a message lies whose metadata breaks a fetch, so that it is found in a number of tries that grows with the
/// logarithm of the portion, and none stops the next (law 15). Who it is, once found, is counted in the cursor.
/// </summary>
internal sealed class FetchCare
{
    /// <summary>So many failures in a row in which nothing came are answered without a pause.</summary>
    private const int MaxHaste = 12;

    private int _together = CatchUp.Portion;
    private uint _until;
    private uint? _alone;
    private bool _guessedWrong;
    private int _fruitless;
    private bool _hurry;
    private bool _cameWhole;
    private int _withoutIds;

    /// <summary>What is asked for of messages that nobody suspects.</summary>
    public FetchRung Rung { get; private set; }

    /// <summary>How many messages from this one on may be fetched together.</summary>
    public int Together(uint uid) => uid == _alone ? 1 : uid <= _until ? _together : CatchUp.Portion;

    /// <summary>Whether anything above a UID is suspected.</summary>
    public bool Suspects(uint above) => _until > above;

    /// <summary>Whether one message is fetched alone because it may be the one that breaks the fetch.</summary>
    public bool IsAlone(uint uid) => uid == _alone || (uid <= _until && _together == 1);

    /// <summary>A fetch of these has failed, or has ended the last owner, and one of them is why.</summary>
    /// <param name="first">The first that did not come.</param>
    /// <param name="last">The last.</param>
    /// <param name="count">How many they are.</param>
    /// <param name="inOrder">The server was seen to answer one by one: then it is most likely the first.</param>
    public void Suspect(uint first, uint last, int count, bool inOrder)
    {
        _until = Math.Max(_until, last);
        _together = Math.Max(1, count / 2);
        _alone = inOrder && !_guessedWrong ? first : null;
    }

    /// <summary>The one that was most likely to break the fetch came as it should: from here on the portion is halved.</summary>
    public void Cleared()
    {
        _guessedWrong = _alone is not null;
        _alone = null;
    }

    /// <summary>A session has ended over a fetch: the next fetches differently, and need not wait.</summary>
    public void Broke() => _hurry = ++_fruitless <= MaxHaste;

    /// <summary>The one that breaks the fetch is found; the rest is trusted again.</summary>
    public void Found()
    {
        _until = 0;
        _alone = null;
        _guessedWrong = false;
    }

    /// <summary>Messages have come, as they should.</summary>
    public void Came()
    {
        _fruitless = 0;
        _cameWhole |= Rung == FetchRung.All;
    }

    /// <summary>A suspect has come on a lower rung. True when it shows that the server's ids cannot be read at all, and are not asked for any more.</summary>
    public bool CameOn(FetchRung rung)
    {
        _fruitless = 0;
        if (rung != FetchRung.WithoutIds || Rung != FetchRung.All || ++_withoutIds < (_cameWhole ? 3 : 1))
            return false;
        Rung = FetchRung.WithoutIds;
        return true;
    }

    /// <summary>Whether the next session need not wait.</summary>
    public bool TakeHurry()
    {
        var hurry = _hurry;
        _hurry = false;
        return hurry;
    }
}
