using System.Collections.Concurrent;
using ImapTrigger.Diagnostics;
using ImapTrigger.Supervision;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Listening;

/// <summary>The mailboxes of one function, as its source says they come, go and change.</summary>
internal sealed class MailboxRoster
{
    private static readonly Backoff Again = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    private readonly string _function;
    private readonly TriggerSettings _trigger;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, LatestToken> _tokens = new(StringComparer.Ordinal);
    private HashSet<string> _leftOut = [];
    private Roster _current = new(new Dictionary<string, MailboxSource>());

    public MailboxRoster(string function, TriggerSettings trigger, TimeProvider time, ILogger logger)
    {
        _function = function;
        _trigger = trigger;
        _time = time;
        _logger = logger;
        Set(Read(trigger.Known));
    }

    /// <summary>The list is another.</summary>
    public event Action? Changed;

    public Roster Current => Volatile.Read(ref _current);

    /// <summary>Follows the source until stopping. One that fails is read anew; one that has ended has said its last list.</summary>
    public async Task FollowAsync(CancellationToken stopping)
    {
        // It is not ours: it may do much before its first await.
        await Task.Yield();
        for (var failures = 1; ; failures++)
        {
            var began = _time.GetTimestamp();
            try
            {
                await ReadAsync(stopping);
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, stopping);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                if (_time.GetElapsedTime(began) > Again.Cap)
                    failures = 1;
                var wait = Again.After(failures);
                _logger.SourceFailed(Current.Mailboxes.Count == 0 ? LogLevel.Error : LogLevel.Warning, _function, _trigger.Source.Connection, wait, e);
                await Task.Delay(wait, _time, stopping);
            }
        }
    }

    private async Task ReadAsync(CancellationToken stopping)
    {
        var lists = _trigger.Source.ReadAsync(stopping).GetAsyncEnumerator(stopping);
        var next = lists.MoveNextAsync().AsTask();
        try
        {
            // A stop does not wait for a source that does not heed its token.
            for (; await next.WaitAsync(stopping); next = lists.MoveNextAsync().AsTask())
                Apply(lists.Current);
        }
        finally
        {
            _ = next.ContinueWith(_ => lists.DisposeAsync().AsTask(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private void Apply(IReadOnlyCollection<ImapMailbox> list)
    {
        var (before, mailboxes) = (Current.Mailboxes, Read(list));
        var came = mailboxes.Keys.Count(key => !before.ContainsKey(key));
        var changed = mailboxes.Count(mailbox => before.TryGetValue(mailbox.Key, out var known) && known != mailbox.Value);
        var went = before.Count - (mailboxes.Count - came);
        if (came + changed + went == 0)
            return;
        Set(mailboxes);
        _logger.MailboxesChanged(_function, _trigger.Source.Connection, came, went, changed, mailboxes.Count);
        Changed?.Invoke();
    }

    private void Set(IReadOnlyDictionary<string, MailboxSource> mailboxes)
    {
        foreach (var gone in _tokens.Keys.Where(key => !mailboxes.ContainsKey(key)))
            _tokens.TryRemove(gone, out _);
        Volatile.Write(ref _current, new Roster(mailboxes));
    }

    /// <summary>Each mailbox once; what is left out is told once, as long as it is so.</summary>
    private Dictionary<string, MailboxSource> Read(IReadOnlyCollection<ImapMailbox> list)
    {
        var leftOut = new HashSet<string>(StringComparer.Ordinal);
        var mailboxes = new Dictionary<string, MailboxSource>(list.Count, StringComparer.Ordinal);
        foreach (var source in MailboxSource.Of(list, _trigger.Folder, Twice))
        {
            var named = source with { Function = _function, Start = _trigger.Start, Headers = _trigger.Headers, Account = WithLatestToken(source) };
            if (_trigger.Actions.FirstTo(source.Folder) is not { } action)
                mailboxes[source.Key] = named;
            else if (IsNews(source))
                _logger.MovesToItself(named, action);
        }

        _leftOut = leftOut;
        return mailboxes;

        void Twice(MailboxSource source)
        {
            if (IsNews(source))
                _logger.MailboxTwice(source with { Function = _function }, _trigger.Source.Connection);
        }

        bool IsNews(MailboxSource source) => leftOut.Add(source.Key) && !_leftOut.Contains(source.Key);
    }

    /// <summary>Whoever makes a list anew makes delegates anew, too: that changes nothing but whom the next login asks.</summary>
    private ImapAccount WithLatestToken(MailboxSource source)
    {
        if (source.Account.AccessToken is not { } token)
            return source.Account;
        var latest = _tokens.GetOrAdd(source.Key, _ => new LatestToken());
        latest.Ask = token;
        return source.Account with { AccessToken = latest.AskAsync };
    }

    private sealed class LatestToken
    {
        private volatile Func<CancellationToken, Task<string>> _ask = _ => throw new InvalidOperationException("There is no token yet.");

        public Func<CancellationToken, Task<string>> Ask
        {
            set => _ask = value;
        }

        public Task<string> AskAsync(CancellationToken cancellationToken) => _ask(cancellationToken);
    }
}
