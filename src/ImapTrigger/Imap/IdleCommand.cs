using MailKit.Net.Imap;

namespace ImapTrigger.Imap;

/// <summary>
/// IDLE on the wire (RFC 2177): the command, the server's "+", DONE and its answer; begun anew in time. MailKit waits for the answers without any time limit, so each has a grace, and then
/// the connection is killed (law 6). Between them nothing waits but MailKit's read, and one timer of the session.
/// </summary>
internal sealed class IdleCommand : IDisposable
{
    /// <summary>How long the server may take to answer IDLE and DONE.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private readonly ImapClient _client;
    private readonly ProtocolTap _tap;
    private readonly TimeProvider _time;
    private readonly Action _kill;
    private readonly CancellationToken _killed;
    private readonly ITimer _timer;
    private CancellationTokenSource _done = new();
    private State _state;
    private TimeSpan _renewal;
    private TimeSpan _limit;
    private long _since;
    private bool _again;
    private bool _isLate;

    /// <param name="client">The connection.</param>
    /// <param name="tap">What is said on it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="kill">Ends the connection at once.</param>
    /// <param name="killed">Signalled when that is done.</param>
    public IdleCommand(ImapClient client, ProtocolTap tap, TimeProvider time, Action kill, CancellationToken killed)
    {
        _client = client;
        _tap = tap;
        _time = time;
        _kill = kill;
        _killed = killed;
        _timer = time.CreateTimer(_ => OnDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private enum State
    {
        Off,

        /// <summary>Sent; the server has not said that it idles.</summary>
        Asked,

        On,

        /// <summary>DONE is sent, or will be as soon as the server idles.</summary>
        Ending,
    }

    /// <summary>The server idles. Called while MailKit reads: nothing may be sent here.</summary>
    public Action? Begun { get; set; }

    /// <summary>A line that raises no event; called likewise.</summary>
    public Action<string>? Said { get; set; }

    /// <summary>The command has ended: by what error, if any, and what could not be done then.</summary>
    public Action<Exception?, string>? Ended { get; set; }

    /// <summary>Sends IDLE, and sees to it that it is begun anew whenever it has been on for so long.</summary>
    public void Begin(TimeSpan renewal)
    {
        lock (_gate)
        {
            _renewal = renewal;
            Enter(State.Asked, Grace);
            _again = false;
            _done = new CancellationTokenSource();
        }

        _tap.Open(OnIdling, line => Said?.Invoke(line));
        _ = FollowAsync(_client.IdleAsync(_done.Token, _killed));
    }

    /// <summary>Sends DONE, on this thread: six bytes, and while idle nothing else waits to be sent. False when there is no IDLE to end.</summary>
    public bool End() => End(again: false);

    public void Dispose() => _timer.Dispose();

    private bool End(bool again)
    {
        lock (_gate)
        {
            if (_state == State.Off)
                return false;
            _again = again;
            if (_state == State.Ending)
                return true;
            Enter(State.Ending, Grace);
        }

        _done.Cancel();
        return true;
    }

    private void OnIdling()
    {
        lock (_gate)
        {
            if (_state == State.Asked)
                Enter(State.On, _renewal);
        }

        Begun?.Invoke();
    }

    private void OnDue()
    {
        lock (_gate)
        {
            // It may have been under way for what has ended since.
            if (_state == State.Off || _time.GetElapsedTime(_since) < _limit / 2)
                return;
            _isLate = _state != State.On;
        }

        if (_isLate)
            _kill();
        else
            End(again: true);
    }

    private async Task FollowAsync(Task command)
    {
        try
        {
            await EndAsync(command);
        }
        catch (Exception e)
        {
            // Nothing known throws here; if something does, whoever waits for the end must not wait for ever (law 16).
            Ended?.Invoke(e, "stay in IDLE");
        }
    }

    private async Task EndAsync(Task command)
    {
        Exception? error = null;
        try
        {
            await command;
        }
        catch (Exception e)
        {
            error = e;
        }

        _tap.Close();
        State last;
        lock (_gate)
        {
            last = _state;
            Enter(State.Off, Timeout.InfiniteTimeSpan);
            if (_isLate)
                error = new TimeoutException($"The server did not answer within {Grace.TotalSeconds:0} seconds.");
            else if (error is null && last != State.Ending)
                error = new ImapProtocolException(last == State.Asked ? "The server ended IDLE before it began." : "The server ended IDLE by itself.");
        }

        if (error is null && _again)
            Begin(_renewal);
        else
            Ended?.Invoke(error, last == State.Asked ? "begin IDLE" : last == State.Ending ? "answer DONE" : "stay in IDLE");
    }

    private void Enter(State state, TimeSpan limit)
    {
        (_state, _limit, _since) = (state, limit, _time.GetTimestamp());
        _timer.Change(limit, Timeout.InfiniteTimeSpan);
    }
}
