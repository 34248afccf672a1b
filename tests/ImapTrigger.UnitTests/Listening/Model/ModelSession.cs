using ImapTrigger.Imap;

namespace ImapTrigger.UnitTests.Listening.Model;

/// <summary>One session with the model server.</summary>
internal sealed class ModelSession : IFolderView
{
    private readonly ModelServer _server;
    private int _said;

    public ModelSession(ModelServer server)
    {
        _server = server;
        server.Hear();
        _said = server.Visible.Count();
        Selected = new SelectedFolder("INBOX", 7, server.SaidUidNext is 0 ? null : server.SaidUidNext, _said, null);
    }

    public SelectedFolder Selected { get; }

    public bool HasIds => true;

    public IReadOnlyList<IdleUpdate> DrainUpdates()
    {
        var count = _server.Visible.Count();
        if (count == _said || _server.Lies(0.1))
            return [];
        _said = count;
        return [new ExistsUpdate(count)];
    }

    public Task<IReadOnlyList<uint>> FindAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken) => Task.FromResult(Named(ranges));

    public Task<IReadOnlyList<uint>> SearchAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken) =>
        Task.FromResult(_server.SearchIgnoresStar && ranges.Any(range => range.To == uint.MaxValue) ? Nothing() : Named(ranges));

    public Task<FetchAnswer> FetchAboveAsync(uint uid, FetchRung rung, CancellationToken cancellationToken) => FetchAsync(Uids([UidRange.Above(uid)]), rung, cancellationToken);

    public Task<FetchAnswer> FetchAsync(IReadOnlyList<uint> uids, FetchRung rung, CancellationToken cancellationToken)
    {
        _server.Hear();
        var came = new List<ImapEvent>();
        // Some answer in whatever order, and say all that went well before a failure, some of it, or nothing.
        var buffered = _server.Pick(3) == 0;
        foreach (var message in _server.Visible.Where(message => uids.Contains(message.Uid) && !_server.Omits(message.Uid)).OrderBy(message => buffered ? message.Uid * 7919 % 101 : message.Uid))
        {
            if (message.Badness != Badness.None && !(rung >= message.PassesFrom))
                return Task.FromResult(Answer(buffered ? [] : came, new ImapSessionException(ErrorOf(message.Badness), $"The model gives no {message.Uid} on {rung}.")));
            came.Add(EventOf(message));
            if (_server.Lies(0.02))
                came.Add(EventOf(message));
        }

        return Task.FromResult(Answer(came, null));
    }

    public Task<IReadOnlyList<Arrival>> FetchArrivalsAsync(IReadOnlyList<UidRange> ranges, bool messageIds, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Arrival>>([.. Named(ranges).Select(uid => new Arrival(uid, null, null, $"{uid}"))]);

    public Task<IReadOnlyList<Arrival>> FetchLastArrivalsAsync(int count, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Arrival>>([.. Named([UidRange.Above(0)]).TakeLast(count).Select(uid => new Arrival(uid, null, null, $"{uid}"))]);

    public Task<FolderStatus?> StatusAsync(CancellationToken cancellationToken)
    {
        _server.Hear();
        return Task.FromResult(_server.HidesStatus ? null : new FolderStatus(7, _server.SaidUidNext is 0 ? null : _server.SaidUidNext, _said, null));
    }

    private IReadOnlyList<uint> Named(IReadOnlyList<UidRange> ranges)
    {
        _server.Hear();
        return [.. Uids(ranges).Where(uid => !_server.Omits(uid))];
    }

    private IReadOnlyList<uint> Nothing()
    {
        _server.Hear();
        return [];
    }

    private uint[] Uids(IReadOnlyList<UidRange> ranges) => _server.Visible.Select(message => message.Uid).Where(uid => ranges.Any(range => range.Contains(uid))).Order().ToArray();

    private FetchAnswer Answer(List<ImapEvent> came, ImapSessionException? failure) =>
        new([.. came.DistinctBy(message => message.Uid).OrderBy(message => message.Uid)], failure)
        {
            Highest = came.Count == 0 ? 0 : _server.Visible.Count(message => message.Uid <= came.Max(given => given.Uid)),
        };

    private static ImapEvent EventOf(ModelMessage message) =>
        new() { Account = "ann", Folder = "INBOX", UidValidity = 7, Uid = message.Uid, MessageId = $"{message.Uid}", Size = 100, InternalDate = DateTimeOffset.UnixEpoch + message.Arrives };

    private static ImapSessionError ErrorOf(Badness badness) => badness switch
    {
        Badness.Refused => ImapSessionError.CommandRefused,
        Badness.Unreadable => ImapSessionError.ProtocolError,
        _ => ImapSessionError.ConnectionLost,
    };
}
