using System.Globalization;

namespace ImapTrigger.Testing.Protocol;

/// <summary>
/// A folder as one client knows it: sequence numbers belong to what the client has been told, not to what there is. Telling it the
/// difference is one comparison of two lists that both rise by UID.
/// </summary>
internal sealed class SelectedFolder : IDisposable
{
    private List<ImapTestMessage> _known;
    private Action? _onChange;

    public SelectedFolder(ImapTestFolder folder, bool readOnly)
    {
        Folder = folder;
        ReadOnly = readOnly;
        // Together: a message between the two would be neither there nor next.
        (var messages, UidNext) = folder.Open();
        _known = [.. messages];
    }

    public ImapTestFolder Folder { get; }

    public bool ReadOnly { get; }

    /// <summary>UIDNEXT when the folder was selected.</summary>
    public uint UidNext { get; }

    public int Count => _known.Count;

    public uint HighestUid => _known.Count == 0 ? 0 : _known[^1].Uid;

    /// <summary>Sequence number and message of what the set names.</summary>
    public List<(uint Number, ImapTestMessage Message)> Select(string set, bool byUid)
    {
        var numbers = NumberSet.Parse(set, byUid ? HighestUid : (uint)_known.Count);
        return All().Where(item => numbers.Contains(byUid ? item.Message.Uid : item.Number)).ToList();
    }

    public IEnumerable<(uint Number, ImapTestMessage Message)> All() => _known.Select((message, index) => ((uint)index + 1, message));

    /// <summary>Says what has changed: EXPUNGE only where the client may be told (RFC 9051, 7.5.1), then EXISTS, then flags.</summary>
    public void Sync(Response response, bool mayExpunge)
    {
        var current = Folder.Snapshot().ToDictionary(message => message.Uid);
        var next = new List<ImapTestMessage>(current.Count);
        var flags = new List<int>();
        foreach (var known in _known)
        {
            if (current.Remove(known.Uid, out var now))
            {
                if (!ReferenceEquals(now, known))
                    flags.Add(next.Count);
                next.Add(now);
            }
            else if (mayExpunge)
            {
                response.Line(string.Create(CultureInfo.InvariantCulture, $"* {next.Count + 1} EXPUNGE"));
            }
            else
            {
                next.Add(known);
            }
        }

        if (current.Count > 0)
        {
            next.AddRange(current.Values.OrderBy(message => message.Uid));
            response.Line(string.Create(CultureInfo.InvariantCulture, $"* {next.Count} EXISTS"));
        }

        foreach (var index in flags)
            response.Line(string.Create(CultureInfo.InvariantCulture, $"* {index + 1} FETCH (UID {next[index].Uid} FLAGS ({string.Join(' ', next[index].Flags)}))"));
        _known = next;
    }

    /// <summary>Calls back at every change, from whatever thread makes it.</summary>
    public void Watch(Action onChange)
    {
        _onChange = onChange;
        Folder.Changed += onChange;
    }

    public void Unwatch()
    {
        if (_onChange is not null)
            Folder.Changed -= _onChange;
        _onChange = null;
    }

    public void Dispose() => Unwatch();
}
