using MailKit.Net.Imap;

namespace ImapTrigger.Imap;

/// <summary>
/// The IDLE phase of a session (RFC 2177): <see cref="StartAsync"/>, then <see cref="CheckAsync"/> again and again, then
/// <see cref="DoneAsync"/> before any other command. Not thread-safe: one loop owns a session.
/// </summary>
public sealed class ImapIdle
{
    /// <summary>IDLE is never left on longer than this: servers log out who seems inactive for 30 minutes (RFC 2177), many earlier.</summary>
    public static readonly TimeSpan MaxRenewal = TimeSpan.FromMinutes(20);

    private readonly UpdateQueue _updates;
    private readonly TimeProvider _time;
    private readonly Func<Exception, string, ImapSessionException> _translate;
    private readonly Action<string> _ready;
    private readonly Action _kill;
    private readonly IdleCommand _command;
    private TimeSpan _renewal = TimeSpan.FromMinutes(9);
    private TaskCompletionSource<ImapSessionException?>? _begun;
    private TaskCompletionSource<ImapSessionException?>? _ended;

    internal ImapIdle(IdleCommand command, UpdateQueue updates, TimeProvider time, Func<Exception, string, ImapSessionException> translate, Action<string> ready, Action kill)
    {
        _command = command;
        _updates = updates;
        _time = time;
        _translate = translate;
        _ready = ready;
        _kill = kill;
        command.Begun = () => _begun?.TrySetResult(null);
        command.Said = OnUnknownLine;
        command.Ended = OnEnded;
    }

    /// <summary>After how long IDLE is ended and begun again by itself; 9 minutes by default, 1 second to <see cref="MaxRenewal"/>. Holds from the next start.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside these bounds.</exception>
    public TimeSpan Renewal
    {
        get => _renewal;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromSeconds(1));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxRenewal);
            _renewal = value;
        }
    }

    /// <summary>Whether IDLE has been started and not ended.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>Sends IDLE and returns when the server idles.</summary>
    /// <param name="cancellationToken">Gives up, and the connection with it.</param>
    /// <exception cref="InvalidOperationException">IDLE is on already, or no folder is selected.</exception>
    /// <exception cref="ImapSessionException">The server refused, lacks IDLE, or the connection failed.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var begun = new TaskCompletionSource<ImapSessionException?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Begin(begun, endsBy: null);
        try
        {
            if (await begun.Task.WaitAsync(cancellationToken) is not { } error)
                return;
            IsStarted = false;
            throw error;
        }
        catch (OperationCanceledException)
        {
            IsStarted = false;
            _kill();
            throw;
        }
    }

    /// <summary>Returns what the server has said since the last check, in order; sends nothing. Waits for the first update at most the given time.</summary>
    /// <param name="wait">How long to wait when nothing is there; zero only looks.</param>
    /// <param name="cancellationToken">Ends the wait; IDLE stays on.</param>
    /// <returns>The updates; an empty list when nothing has come.</returns>
    /// <exception cref="InvalidOperationException">IDLE has not been started.</exception>
    /// <exception cref="ImapSessionException">The connection failed while idle, or the server said BYE; everything it said before has been returned.</exception>
    public async Task<IReadOnlyList<IdleUpdate>> CheckAsync(TimeSpan wait, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(wait, TimeSpan.Zero);
        if (!IsStarted)
            throw new InvalidOperationException("IDLE is not on: call StartAsync first.");
        var updates = await _updates.TakeAsync(wait, _time, cancellationToken);
        if (updates.Count > 0 || _ended is not { Task: { IsCompleted: true, Result: { } error } })
            return updates;
        IsStarted = false;
        throw error;
    }

    /// <summary>Sends DONE and returns when the server has left IDLE; after 10 seconds without an answer the connection is given up. What came meanwhile is kept for the next check.</summary>
    /// <exception cref="InvalidOperationException">IDLE has not been started.</exception>
    /// <exception cref="ImapSessionException">The connection failed, or the server did not answer.</exception>
    public async Task DoneAsync()
    {
        if (!IsStarted)
            throw new InvalidOperationException("IDLE is not on: nothing to end.");
        IsStarted = false;
        _command.End();
        if (await _ended!.Task is { } error)
            throw error;
    }

    /// <summary>
    /// Sends IDLE and waits for nothing: what goes wrong, the next check tells. An update of which it is said here that it ends IDLE is answered by DONE at once, by the thread that reads it, and
    /// the check that waits goes on with the answer: no thread waits for another between an announcement and its message.
    /// </summary>
    /// <param name="endsBy">Whether an update ends IDLE; called while MailKit reads.</param>
    internal void Begin(Func<IdleUpdate, bool> endsBy) => Begin(begun: null, endsBy);

    /// <summary>Ends the check that waits, or the next one, without an update.</summary>
    internal void Interrupt() => _updates.Interrupt();

    private void Begin(TaskCompletionSource<ImapSessionException?>? begun, Func<IdleUpdate, bool>? endsBy)
    {
        if (IsStarted)
            throw new InvalidOperationException("IDLE is on already: call CheckAsync, or DoneAsync to end it.");
        _ready("IDLE");
        IsStarted = true;
        _begun = begun;
        // Whoever waits for it goes on where the answer is read.
        _ended = new TaskCompletionSource<ImapSessionException?>();
        _updates.IsAnswered = endsBy is null ? null : update => endsBy(update) && _command.End();
        _command.Begin(_renewal);
    }

    private void OnEnded(Exception? e, string what)
    {
        var error = e is null ? null : _translate(e, what);
        // A server that says no has not ended the session.
        var refused = error is { Error: ImapSessionError.CommandRefused };
        if (error is null)
            _updates.Release();
        else if (!refused)
            _updates.Fail(error);
        _begun?.TrySetResult(error);
        _ended!.TrySetResult(error);
        if (refused && _begun is null)
            _updates.Interrupt();
    }

    private void OnUnknownLine(string line)
    {
        _updates.Add(line);
        // MailKit reports a BYE only when IDLE ends, and some servers say BYE without closing.
        if (line.StartsWith("* BYE", StringComparison.OrdinalIgnoreCase))
            _updates.Fail(_translate(new ImapProtocolException(line), "stay in IDLE"));
    }
}
