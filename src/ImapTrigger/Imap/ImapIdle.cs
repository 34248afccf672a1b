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

    private readonly ImapClient _client;
    private readonly ProtocolTap _tap;
    private readonly UpdateQueue _updates;
    private readonly TimeProvider _time;
    private readonly Func<Exception, string, ImapSessionException> _translate;
    private readonly Action<string> _ready;
    private readonly CancellationToken _killed;
    private TimeSpan _renewal = TimeSpan.FromMinutes(9);
    private Phase? _phase;

    internal ImapIdle(
        ImapClient client,
        ProtocolTap tap,
        UpdateQueue updates,
        TimeProvider time,
        Func<Exception, string, ImapSessionException> translate,
        Action<string> ready,
        CancellationToken killed)
    {
        _client = client;
        _tap = tap;
        _updates = updates;
        _time = time;
        _translate = translate;
        _ready = ready;
        _killed = killed;
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
    public bool IsStarted => _phase is not null;

    /// <summary>Sends IDLE and returns when the server idles.</summary>
    /// <param name="cancellationToken">Gives up, and the connection with it.</param>
    /// <exception cref="InvalidOperationException">IDLE is on already, or no folder is selected.</exception>
    /// <exception cref="ImapSessionException">The server refused, lacks IDLE, or the connection failed.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (IsStarted)
            throw new InvalidOperationException("IDLE is on already: call CheckAsync, or DoneAsync to end it.");
        _ready("IDLE");
        var command = await BeginAsync(cancellationToken);
        _phase = new Phase(command, KeepAsync);
    }

    /// <summary>Returns what the server has said since the last check, in order; sends nothing. Waits for the first update at most the given time.</summary>
    /// <param name="wait">How long to wait when nothing is there; zero only looks.</param>
    /// <param name="cancellationToken">Ends the wait; IDLE stays on.</param>
    /// <returns>The updates; an empty list when nothing has come.</returns>
    /// <exception cref="InvalidOperationException">IDLE has not been started.</exception>
    /// <exception cref="ImapSessionException">The connection failed while idle, or the server said BYE; everything it said before has been returned.</exception>
    public Task<IReadOnlyList<IdleUpdate>> CheckAsync(TimeSpan wait, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(wait, TimeSpan.Zero);
        if (!IsStarted)
            throw new InvalidOperationException("IDLE is not on: call StartAsync first.");
        return _updates.TakeAsync(wait, _time, cancellationToken);
    }

    /// <summary>Sends DONE and returns when the server has left IDLE; after 10 seconds without an answer the connection is given up. What came meanwhile is kept for the next check.</summary>
    /// <exception cref="InvalidOperationException">IDLE has not been started.</exception>
    /// <exception cref="ImapSessionException">The connection failed, or the server did not answer.</exception>
    public async Task DoneAsync()
    {
        if (Interlocked.Exchange(ref _phase, null) is not { } phase)
            throw new InvalidOperationException("IDLE is not on: nothing to end.");
        try
        {
            await (await phase.EndAsync()).DoneAsync();
        }
        catch (Exception e)
        {
            throw Fail(e, "answer DONE");
        }
    }

    private async Task<IdleCommand> BeginAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await IdleCommand.StartAsync(_client, _tap, OnUnknownLine, _time, _killed, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var error = _translate(e, "begin IDLE");
            // A server that says no has not ended the session.
            throw error.Error == ImapSessionError.CommandRefused ? error : Fail(error, "begin IDLE");
        }
    }

    /// <summary>Beside the checks: notices the end of the connection, and renews IDLE in time.</summary>
    private async Task KeepAsync(Phase phase)
    {
        while (true)
        {
            // Whatever ends this loop ends the session: nobody else would notice the end of the connection.
            try
            {
                using (var due = new CancellationTokenSource())
                {
                    await Task.WhenAny(Task.Delay(_renewal, _time, due.Token), phase.Command.Completion, phase.Ending);
                    due.Cancel();
                }

                if (phase.Ending.IsCompleted)
                    return;
                if (phase.Command.Completion.IsCompleted)
                {
                    await phase.Command.Completion;
                    throw new ImapProtocolException("The server ended IDLE by itself.");
                }

                await phase.Command.DoneAsync();
                phase.Command = await IdleCommand.StartAsync(_client, _tap, OnUnknownLine, _time, _killed, CancellationToken.None);
            }
            catch (Exception e)
            {
                Fail(e, "stay in IDLE");
                return;
            }
        }
    }

    private void OnUnknownLine(string line)
    {
        _updates.Add(line);
        // MailKit reports a BYE only when IDLE ends, and some servers say BYE without closing.
        if (line.StartsWith("* BYE", StringComparison.OrdinalIgnoreCase))
            _updates.Fail(_translate(new ImapProtocolException(line), "stay in IDLE"));
    }

    private ImapSessionException Fail(Exception e, string what)
    {
        var error = e as ImapSessionException ?? _translate(e, what);
        _updates.Fail(error);
        return error;
    }

    /// <summary>From start to done: the command on the wire, which a renewal replaces, and the loop that keeps it.</summary>
    private sealed class Phase
    {
        // The keeper ends on the thread that ends the phase: it stands between an announcement and its message.
        private readonly TaskCompletionSource _ending = new();
        private readonly Task _keeper;

        public Phase(IdleCommand command, Func<Phase, Task> keep)
        {
            Command = command;
            _keeper = keep(this);
        }

        public IdleCommand Command { get; set; }

        public Task Ending => _ending.Task;

        /// <summary>Stops the keeper and gives back the command, which is still on the wire.</summary>
        public async Task<IdleCommand> EndAsync()
        {
            _ending.SetResult();
            await _keeper;
            return Command;
        }
    }
}
