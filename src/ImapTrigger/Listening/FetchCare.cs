using ImapTrigger.Imap;

namespace ImapTrigger.Listening;

/// <summary>
/// Remembers from session to session which messages' metadata broke the connection by their content: they are then fetched one by one,
/// with less that their sender could shape, and so none stops the next (law 11).
/// </summary>
internal sealed class FetchCare
{
    /// <summary>So many reconnections are spent on telling bad messages from good; after that the rest does without its attachments' names.</summary>
    private const int Patience = 3;

    private readonly Dictionary<uint, FetchScope> _suspects = [];
    private int _spent;
    private bool _learned;

    /// <summary>Whether a message is fetched with care, and how.</summary>
    public FetchScope ScopeOf(uint uid) => _suspects.GetValueOrDefault(uid, FetchScope.All);

    /// <summary>Among these there is one whose metadata cannot be read.</summary>
    public void Suspect(IEnumerable<uint> uids)
    {
        foreach (var uid in uids)
            _suspects.TryAdd(uid, FetchScope.WithoutEnvelope);
        _learned = true;
    }

    /// <summary>It was this one, and it cannot be read without its envelope either.</summary>
    public void SuspectMore(uint uid)
    {
        _learned = ScopeOf(uid) != FetchScope.WithoutStructure;
        var all = ++_spent >= Patience;
        foreach (var suspect in all ? _suspects.Keys.ToArray() : [uid])
            _suspects[suspect] = FetchScope.WithoutStructure;
    }

    public void Fetched(uint uid)
    {
        _suspects.Remove(uid);
        if (_suspects.Count == 0)
            _spent = 0;
    }

    /// <summary>Whether the last failure taught us something, so that the next attempt need not wait.</summary>
    public bool TakeLearned()
    {
        var learned = _learned;
        _learned = false;
        return learned;
    }
}
