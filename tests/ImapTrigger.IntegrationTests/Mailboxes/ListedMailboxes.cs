using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace ImapTrigger.IntegrationTests.Mailboxes;

/// <summary>A source of mailboxes that says what a test wants, and to each who reads it the last list first.</summary>
internal sealed class ListedMailboxes : IImapMailboxSource
{
    private readonly object _gate = new();
    private readonly List<Channel<IReadOnlyCollection<ImapMailbox>>> _readers = [];
    private IReadOnlyCollection<ImapMailbox>? _list;

    public string Connection => "Customers";

    public void Say(IEnumerable<ImapMailbox> list)
    {
        lock (_gate)
        {
            _list = [.. list];
            foreach (var reader in _readers)
                reader.Writer.TryWrite(_list);
        }
    }

    public async IAsyncEnumerable<IReadOnlyCollection<ImapMailbox>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lists = Channel.CreateUnbounded<IReadOnlyCollection<ImapMailbox>>();
        lock (_gate)
        {
            _readers.Add(lists);
            if (_list is not null)
                lists.Writer.TryWrite(_list);
        }

        await foreach (var list in lists.Reader.ReadAllAsync(cancellationToken))
            yield return list;
    }
}
