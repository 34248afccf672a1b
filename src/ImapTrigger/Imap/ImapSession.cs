using ImapTrigger.Imap.Guards;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;

namespace ImapTrigger.Imap;

/// <summary>
/// One connection to an IMAP server with one folder selected. The order of things: <see cref="ConnectAsync(ImapAccount, CancellationToken)"/>,
/// <see cref="SelectAsync(string, CancellationToken)"/>, then <see cref="Idle"/> and the commands in turn. Not thread-safe: one loop owns a session.
/// After an <see cref="ImapSessionException"/> other than <see cref="ImapSessionError.CommandRefused"/>, <see cref="ImapSessionError.FolderUnavailable"/>
/// and <see cref="ImapSessionError.LocalFailure"/>, dispose it and connect anew.
/// </summary>
public sealed partial class ImapSession : IAsyncDisposable
{
    /// <summary>How long the server may take for a whole command; a silence of <see cref="SilenceLimit"/> ends it earlier.</summary>
    private static readonly TimeSpan CommandLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LogoutLimit = TimeSpan.FromSeconds(2);

    /// <summary>Some servers say BYE without closing; what they still have to say, they say at once.</summary>
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(5);

    private readonly ImapClient _client;
    private readonly ImapAccount _account;
    private readonly ProtocolTap _tap;
    private readonly ImapErrors _errors;
    private readonly TimeProvider _time;
    private readonly UpdateQueue _updates;
    private readonly IdleCommand _idle;
    private readonly CancellationTokenSource _kill;
    private IMailFolder? _folder;
    private int _disposed;

    static ImapSession() => Charsets.Register();

    private ImapSession(ImapClient client, ImapAccount account, ProtocolTap tap, ImapErrors errors, TimeProvider time)
    {
        _client = client;
        _account = account;
        _tap = tap;
        _errors = errors;
        _updates = new UpdateQueue(errors.Said);
        _header = new HeaderReading([], new AuthenticationTrust(AuthservIds.Of(account)));
        _time = time;
        _kill = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        // The one that answers our LOGOUT has its limit already.
        _tap.Leaving = () => End(connection => connection.CancelAfter(FarewellLimit));
        _idle = new IdleCommand(client, tap, time, Kill, _kill.Token);
        Idle = new ImapIdle(_idle, _updates, time, Translate, ThrowIfNotReady, Kill);
    }

    /// <summary>Whether the server has answered a command twice: what then fails is not what was asked last.</summary>
    internal bool IsOutOfStep => _tap.IsOutOfStep;

    /// <summary>What the app calls the mailbox, for the events.</summary>
    internal string? Tag { get; set; }

    private bool HasThreadIds { get; init; }

    /// <summary>The IDLE phase of this session.</summary>
    public ImapIdle Idle { get; }

    /// <summary>Whether the server offers IDLE (RFC 2177); without it, ask by <see cref="SearchAsync"/> from time to time.</summary>
    public bool CanIdle => _client.Capabilities.HasFlag(ImapCapabilities.Idle);

    /// <summary>The selected folder as it was when it was selected; null before.</summary>
    public SelectedFolder? Folder { get; private set; }

    /// <summary>How long the server has sent nothing, not even a keep-alive.</summary>
    public TimeSpan Silence => _tap.Silence;

    /// <summary>Connects, protects the connection, logs in and says who we are (RFC 2971); 60 seconds at most.</summary>
    /// <param name="account">Where and as whom.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ImapSessionException">It did not work; <see cref="ImapSessionException.Error"/> says why.</exception>
    public static Task<ImapSession> ConnectAsync(ImapAccount account, CancellationToken cancellationToken = default) =>
        ConnectAsync(account, TimeProvider.System, cancellationToken);

    internal static Task<ImapSession> ConnectAsync(ImapAccount account, TimeProvider time, CancellationToken cancellationToken) =>
        ConnectAsync(account, time, onSilence: null, cancellationToken);

    /// <param name="account">Where and as whom.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onSilence">Gets what to tell people, on another thread, when the server has not sent a byte for 5 seconds; the wait goes on.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal static async Task<ImapSession> ConnectAsync(ImapAccount account, TimeProvider time, Action<string>? onSilence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(account);
        var tap = new ProtocolTap(time);
        var client = new WatchingClient(tap) { Timeout = (int)SilenceLimit.TotalMilliseconds };
        using var deadline = new CancellationTokenSource(ConnectLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        tap.Leaving = () => deadline.CancelAfter(FarewellLimit);
        var errors = new ImapErrors(account, tap, () => client.IsConnected);
        var connector = new ImapConnector(client, account, tap, errors, time, onSilence);
        try
        {
            await connector.ConnectAsync(either.Token);
            return new ImapSession(client, account, tap, errors, time) { HasThreadIds = connector.HasThreadIds };
        }
        catch (Exception e)
        {
            client.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw errors.Translate(e, connector.Step, $"connect to port {account.EffectivePort} and log in");
        }
    }

    /// <summary>The UIDs above the given one, rising.</summary>
    /// <param name="afterUid">The last UID that is known; zero for all.</param>
    /// <param name="cancellationToken">Gives up, and the connection with it.</param>
    /// <exception cref="InvalidOperationException">No folder is selected, or IDLE is on.</exception>
    /// <exception cref="ImapSessionException">It did not work.</exception>
    public Task<IReadOnlyList<uint>> SearchAsync(uint afterUid, CancellationToken cancellationToken = default)
    {
        ThrowIfNotReady("SEARCH");
        return RunAsync("search for new messages", async token => UidSets.Within(
            afterUid == uint.MaxValue ? [] : [UidRange.Above(afterUid)], await _folder!.SearchAsync(SearchQuery.Uids(Above(afterUid)), token)), cancellationToken);
    }

    /// <summary>Asks the server to say what has changed (RFC 9051, 6.1.2); for servers without IDLE.</summary>
    /// <param name="cancellationToken">Gives up, and the connection with it.</param>
    /// <exception cref="InvalidOperationException">No folder is selected, or IDLE is on.</exception>
    /// <exception cref="ImapSessionException">It did not work.</exception>
    public Task NoOpAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfNotReady("NOOP");
        return RunAsync("ask for changes", async token =>
        {
            await _client.NoOpAsync(token);
            return true;
        }, cancellationToken);
    }

    /// <summary>Ends the connection: DONE if needed, LOGOUT, each with a short limit; what does not answer is cut.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _kill.CancelAfter(LogoutLimit);
        try
        {
            if (Idle.IsStarted)
                await Idle.DoneAsync();
            if (_client.IsConnected && !_kill.IsCancellationRequested)
                await _client.DisconnectAsync(quit: true, _kill.Token);
        }
        catch (Exception e) when (e is ImapSessionException or IOException or ProtocolException or OperationCanceledException or ServiceNotConnectedException)
        {
            // The connection is on its way out either way.
        }

        _client.Dispose();
        _idle.Dispose();
        _kill.Dispose();
    }

    /// <summary>Takes what the server has said and nobody has checked for: before a fetch that will see it anyway.</summary>
    internal IReadOnlyList<IdleUpdate> DrainUpdates() => _updates.Drain();

    /// <summary>Ends the connection at once, in whatever it is doing (ownership lost). Dispose it nevertheless.</summary>
    internal void Kill() => End(connection => connection.Cancel());

    private void End(Action<CancellationTokenSource> end)
    {
        try
        {
            if (Volatile.Read(ref _disposed) == 0)
                end(_kill);
        }
        catch (ObjectDisposedException)
        {
            // It has been disposed of in this moment, and the connection with it.
        }
    }

    private Task<T> RunAsync<T>(string what, Func<CancellationToken, Task<T>> command, CancellationToken cancellationToken) =>
        RunAsync(ImapStep.Command, what, command, cancellationToken);

    private async Task<T> RunAsync<T>(ImapStep step, string what, Func<CancellationToken, Task<T>> command, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(CommandLimit, _time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _kill.Token, cancellationToken);
        try
        {
            return await command(any.Token);
        }
        catch (Exception e) when (e is not ImapSessionException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw _errors.Translate(e, step, what);
        }
    }

    /// <summary>The same for those who go on with what they have: null when it worked, else why not.</summary>
    private async Task<ImapSessionException?> TryAsync<T>(string what, Func<CancellationToken, Task<T>> command, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(what, command, cancellationToken);
            return null;
        }
        catch (ImapSessionException e)
        {
            return e;
        }
    }

    private ImapSessionException Translate(Exception e, string what) => _errors.Translate(e, ImapStep.Command, what);

    private void ThrowIfNotReady(string command)
    {
        ThrowIfBusy(command);
        if (Folder is null)
            throw new InvalidOperationException($"{command} needs a folder: call SelectAsync first.");
    }

    private void ThrowIfBusy(string command)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        if (Idle.IsStarted)
            throw new InvalidOperationException($"IDLE is on: call DoneAsync before {command} (RFC 2177).");
    }

    private static UniqueIdRange Above(uint uid) => new(new UniqueId(uid == uint.MaxValue ? uid : uid + 1), UniqueId.MaxValue);
}
