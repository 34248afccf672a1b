using System.Collections.Concurrent;
using ImapTrigger.Testing.Protocol;

namespace ImapTrigger.Testing;

/// <summary>
/// What a test server does wrong, on demand. Properties hold from the next command on, for all connections, until they are changed; methods act
/// at once on the connections that there are. Thread-safe. For faults of the network itself see <see cref="TcpFaultProxy"/>.
/// </summary>
public sealed class ImapTestFaults
{
    private readonly ConcurrentDictionary<ImapConnection, bool> _connections = new();
    private int _cutFetchAfter = -1;
    private int _hiddenLooks;

    internal ImapTestFaults()
    {
    }

    /// <summary>IDLE is accepted, and nothing is announced while it is on.</summary>
    public bool IdleWithoutPush { get; set; }

    /// <summary>DONE is read and never answered.</summary>
    public bool DoneUnanswered { get; set; }

    /// <summary>How long after a change IDLE announces it; zero by default.</summary>
    public TimeSpan PushDelay { get; set; }

    /// <summary>SELECT opens a folder read-only, as it does for an account that may only read it.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>SELECT and EXAMINE do not say UIDNEXT.</summary>
    public bool WithoutUidNext { get; set; }

    /// <summary>The text of the NO with which every login is refused, such as <c>[UNAVAILABLE] Try again later</c>; null accepts them.</summary>
    public string? RefuseLogin { get; set; }

    /// <summary>So many connections may be logged in at once; further logins are refused. Null for any number.</summary>
    public int? MaxConnections { get; set; }

    /// <summary>Between two bytes of every answer; zero by default.</summary>
    public TimeSpan Drip { get; set; }

    /// <summary>
    /// Answers a command instead of the server: gets the command, returns what is sent, whatever it is, or null to let the server answer. The
    /// stream may be endless; it is disposed when it has been sent or the client has gone.
    /// </summary>
    public Func<ImapTestCommand, Stream?>? Answer { get; set; }

    /// <summary>
    /// Changes what is sent: gets the command and each part of its answer (a FETCH response, or all lines with the tagged one, Latin-1), returns what is sent in
    /// its place; an empty text sends nothing, null closes the connection.
    /// </summary>
    public Func<ImapTestCommand, string, string?>? Rewrite { get; set; }

    /// <summary>Connections that are open.</summary>
    public int OpenConnections => _connections.Count;

    /// <summary>The answer to the next FETCH breaks off after so many bytes, and the connection is closed.</summary>
    /// <param name="bytes">How many bytes are sent before; zero or more.</param>
    public void CutNextFetch(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Volatile.Write(ref _cutFetchAfter, bytes);
    }

    /// <summary>The newest message of a folder is announced, but the next SEARCH and FETCH commands do not find it.</summary>
    /// <param name="commands">How many commands.</param>
    public void HideNewest(int commands) => Volatile.Write(ref _hiddenLooks, commands);

    /// <summary>The connections go half-open: they send nothing any more, read nothing, and are not closed. New ones are as they should be.</summary>
    public void Freeze() => ForEach(connection => connection.Freeze());

    /// <summary>The connections are closed without a word.</summary>
    public void Disconnect() => ForEach(connection => connection.Close());

    /// <summary>Sends a line to every connection, idle or not, as it is: <c>* 5 EXISTS</c>, <c>* BYE Session invalidated</c>, or nonsense.</summary>
    /// <param name="line">The line, without its end.</param>
    public void Say(string line) => ForEach(connection => connection.Say(line));

    internal void Add(ImapConnection connection) => _connections[connection] = true;

    internal void Remove(ImapConnection connection) => _connections.TryRemove(connection, out _);

    internal int? TakeCut() => Interlocked.Exchange(ref _cutFetchAfter, -1) is >= 0 and var bytes ? bytes : null;

    internal bool TakeHidden()
    {
        if (Volatile.Read(ref _hiddenLooks) <= 0)
            return false;
        return Interlocked.Decrement(ref _hiddenLooks) >= 0;
    }

    private void ForEach(Action<ImapConnection> act)
    {
        foreach (var connection in _connections.Keys)
            act(connection);
    }
}
