using MailKit.Net.Imap;

namespace ImapTrigger.Imap;

/// <summary>
/// One IDLE on the wire, from the server's "+" to the answer to DONE. MailKit waits for that answer without any time limit
/// (its read was started before DONE was sent), so DONE has a grace, and then the connection is killed (law 6).
/// </summary>
internal sealed class IdleCommand : IDisposable
{
    /// <summary>How long the server may take to answer IDLE and DONE.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _done = new();
    private readonly CancellationTokenSource _kill;
    private readonly ProtocolTap _tap;
    private readonly TimeProvider _time;

    private IdleCommand(ImapClient client, ProtocolTap tap, TimeProvider time, CancellationToken killed)
    {
        _kill = CancellationTokenSource.CreateLinkedTokenSource(killed);
        _tap = tap;
        _time = time;
        Completion = client.IdleAsync(_done.Token, _kill.Token);
    }

    /// <summary>Ends with the command; faulted when the connection failed.</summary>
    public Task Completion { get; }

    /// <summary>Sends IDLE and waits for the server's "+".</summary>
    public static async Task<IdleCommand> StartAsync(
        ImapClient client, ProtocolTap tap, Action<string> onUnknownLine, TimeProvider time, CancellationToken killed, CancellationToken cancellationToken)
    {
        var idling = tap.Open(onUnknownLine);
        var command = new IdleCommand(client, tap, time, killed);
        try
        {
            var first = await Task.WhenAny(idling, command.Completion).WaitAsync(Grace, time, cancellationToken);
            await first;
            if (first == command.Completion)
                throw new ImapProtocolException("The server ended IDLE before it began.");
            return command;
        }
        catch
        {
            await command.KillAsync();
            throw;
        }
    }

    /// <summary>Sends DONE and waits for the tagged answer; after the grace the connection is killed and a <see cref="TimeoutException"/> thrown.</summary>
    public async Task DoneAsync()
    {
        try
        {
            // The callback writes to the socket, here: six bytes, and while idle nothing else waits to be sent. Another thread would cost every message a hop.
            _done.Cancel();
            await Completion.WaitAsync(Grace, _time);
            Dispose();
        }
        catch
        {
            await KillAsync();
            throw;
        }
    }

    public void Dispose()
    {
        _tap.Close();
        _done.Dispose();
        _kill.Dispose();
    }

    /// <summary>Ends the command at once, and the connection with it.</summary>
    private async Task KillAsync()
    {
        await _kill.CancelAsync();
        await Completion.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        Dispose();
    }
}
