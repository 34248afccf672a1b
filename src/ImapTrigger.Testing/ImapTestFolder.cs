using System.Collections.Immutable;
using System.Text;
using ImapTrigger.Testing.Protocol;
using MimeKit;

namespace ImapTrigger.Testing;

/// <summary>A folder of a test server. What is done to it here is what clients see, as if another client had done it.</summary>
public sealed class ImapTestFolder
{
    private static readonly ImmutableSortedSet<string> NoFlags = ImmutableSortedSet.Create<string>(StringComparer.OrdinalIgnoreCase);
    private static int _lastValidity = (int)(DateTimeOffset.UtcNow.ToUnixTimeSeconds() & 0x3FFFFFFF);

    private readonly object _gate = new();
    private readonly List<ImapTestMessage> _messages = [];
    private ImapTestMessage[]? _snapshot;
    private TaskCompletionSource _idling = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _idlers;
    private uint _uidNext = 1;

    internal ImapTestFolder(string name) => Name = name;

    /// <summary>The full name.</summary>
    public string Name { get; internal set; }

    /// <summary>UIDVALIDITY; different for every folder, also for one that is deleted and made again.</summary>
    public uint UidValidity { get; private set; } = (uint)Interlocked.Increment(ref _lastValidity);

    /// <summary>The UID that the next message gets.</summary>
    public uint UidNext
    {
        get
        {
            lock (_gate)
                return _uidNext;
        }
    }

    /// <summary>The messages now, rising by UID.</summary>
    public IReadOnlyList<ImapTestMessage> Messages => Snapshot();

    internal event Action? Changed;

    internal event Action? Renumbered;

    /// <summary>Puts a message into the folder.</summary>
    /// <param name="raw">The message as text, lines ending in CRLF; sent as UTF-8.</param>
    /// <returns>Its UID.</returns>
    public uint Append(string raw) => Append(Encoding.UTF8.GetBytes(raw));

    /// <summary>Puts a message into the folder.</summary>
    /// <param name="message">The message.</param>
    /// <returns>Its UID.</returns>
    public uint Append(MimeMessage message)
    {
        using var stream = new MemoryStream();
        message.WriteTo(new FormatOptions { NewLineFormat = NewLineFormat.Dos }, stream);
        return Append(stream.ToArray());
    }

    /// <summary>Puts a message into the folder, byte for byte, whatever is in it.</summary>
    /// <param name="raw">The message; not copied.</param>
    /// <param name="flags">Its flags and keywords; none when null.</param>
    /// <param name="internalDate">When it came; now when null.</param>
    /// <returns>Its UID.</returns>
    public uint Append(byte[] raw, IEnumerable<string>? flags = null, DateTimeOffset? internalDate = null) =>
        Append([new MessageContent(raw)], flags is null ? NoFlags : NoFlags.Union(flags), internalDate ?? DateTimeOffset.Now)[0];

    /// <summary>Puts messages into the folder at once, so that clients are told once.</summary>
    /// <param name="messages">The messages, in this order.</param>
    /// <returns>Their UIDs.</returns>
    public IReadOnlyList<uint> AppendAll(IEnumerable<byte[]> messages) =>
        Append(messages.Select(raw => new MessageContent(raw)).ToArray(), NoFlags, DateTimeOffset.Now);

    /// <summary>Replaces a message's flags and keywords; does nothing when it is not there.</summary>
    /// <param name="uid">Its UID.</param>
    /// <param name="flags">All it shall have.</param>
    public void SetFlags(uint uid, params string[] flags) => Change(message => message.Uid == uid ? message.With(NoFlags.Union(flags)) : message);

    /// <summary>Removes a message; does nothing when it is not there.</summary>
    /// <param name="uid">Its UID.</param>
    public void Expunge(uint uid) => Change(message => message.Uid == uid ? null : message);

    /// <summary>
    /// Numbers all messages anew under another UIDVALIDITY, as a server does that has lost its index. Clients that have the folder selected
    /// are disconnected.
    /// </summary>
    public void Renumber()
    {
        lock (_gate)
        {
            UidValidity = (uint)Interlocked.Increment(ref _lastValidity);
            _uidNext = 1;
            for (var i = 0; i < _messages.Count; i++)
                _messages[i] = _messages[i].As(_uidNext++);
            _snapshot = null;
        }

        Renumbered?.Invoke();
    }

    /// <summary>Waits until a client idles on this folder, 30 seconds at most; ends at once when one does.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">Nobody did.</exception>
    public Task WaitForIdleAsync(CancellationToken cancellationToken = default) => WaitForIdleAsync(TimeSpan.FromSeconds(30), cancellationToken);

    /// <summary>Waits until a client idles on this folder; ends at once when one does.</summary>
    /// <param name="timeout">How long at most; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">Nobody did.</exception>
    public async Task WaitForIdleAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Task idling;
        lock (_gate)
            idling = _idlers > 0 ? Task.CompletedTask : _idling.Task;
        try
        {
            await idling.WaitAsync(timeout, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"No client idled on the folder {Name} within {timeout.TotalSeconds:0.###} s. ImapTestServer.Commands says what was asked instead.", e);
        }
    }

    internal ImapTestMessage[] Snapshot()
    {
        lock (_gate)
            return _snapshot ??= _messages.ToArray();
    }

    internal (ImapTestMessage[] Messages, uint UidNext) Open()
    {
        lock (_gate)
            return (Snapshot(), _uidNext);
    }

    internal IReadOnlyList<uint> Append(IReadOnlyList<MessageContent> contents, ImmutableSortedSet<string> flags, DateTimeOffset internalDate)
    {
        var uids = new List<uint>(contents.Count);
        lock (_gate)
        {
            foreach (var content in contents)
            {
                uids.Add(_uidNext);
                _messages.Add(new ImapTestMessage(_uidNext++, content, flags, internalDate));
            }

            _snapshot = null;
        }

        Changed?.Invoke();
        return uids;
    }

    /// <summary>Passes every message through a function that keeps, replaces or (null) removes it.</summary>
    internal void Change(Func<ImapTestMessage, ImapTestMessage?> change)
    {
        lock (_gate)
        {
            var kept = _messages.Select(change).OfType<ImapTestMessage>().ToArray();
            _messages.Clear();
            _messages.AddRange(kept);
            _snapshot = null;
        }

        Changed?.Invoke();
    }

    internal void BeginIdle()
    {
        TaskCompletionSource idling;
        lock (_gate)
        {
            _idlers++;
            idling = _idling;
        }

        idling.TrySetResult();
    }

    internal void EndIdle()
    {
        lock (_gate)
        {
            if (--_idlers == 0)
                _idling = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
