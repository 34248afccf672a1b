using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace ImapTrigger.UnitTests.Listening;

/// <summary>A source of mailboxes that says what a test wants.</summary>
internal sealed class ListedSource : IImapMailboxSource
{
    private readonly Channel<Func<IReadOnlyCollection<ImapMailbox>>> _lists = Channel.CreateUnbounded<Func<IReadOnlyCollection<ImapMailbox>>>();

    public string Connection => "Customers";

    /// <summary>How often it was read from its beginning.</summary>
    public int Readings { get; private set; }

    /// <summary>Mailboxes by their users' names; what follows a colon is the password.</summary>
    public static IReadOnlyList<ImapMailbox> Of(params string[] users) =>
        [.. users.Select(user => new ImapMailbox { Account = new ImapAccount { Host = "h", UserName = user.Split(':')[0], Password = user.Split(':') is [_, var password] ? password : "p" } })];

    public void Say(params string[] users) => Say(Of(users));

    public void Say(IReadOnlyCollection<ImapMailbox> list) => _lists.Writer.TryWrite(() => list);

    public void Fail() => _lists.Writer.TryWrite(() => throw new IOException("The database is away."));

    public void End() => _lists.Writer.TryComplete();

    public async IAsyncEnumerable<IReadOnlyCollection<ImapMailbox>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Readings++;
        await foreach (var list in _lists.Reader.ReadAllAsync(cancellationToken))
            yield return list();
    }
}
