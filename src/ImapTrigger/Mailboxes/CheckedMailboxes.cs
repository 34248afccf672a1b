using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Mailboxes;

/// <summary>A source of the app's own: what cannot be right is left out and told, and keeps none of the others shut.</summary>
internal sealed class CheckedMailboxes(IImapMailboxSource source, ILogger logger) : IImapMailboxSource
{
    private const int MaxNamed = 100;

    public string Connection => source.Connection;

    public async IAsyncEnumerable<IReadOnlyCollection<ImapMailbox>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wrong = new WrongMailboxes(Connection, logger);
        await foreach (var list in source.ReadAsync(cancellationToken))
        {
            var mailboxes = list.ToArray();
            var problems = mailboxes.Select(Problem).ToArray();
            wrong.Tell([.. problems.Select((problem, i) => problem is null ? null : $"number {i}{NameOf(mailboxes[i])}: {problem}.").OfType<string>()]);
            yield return [.. mailboxes.Where((_, i) => problems[i] is null)];
        }
    }

    /// <summary>As somebody has typed it: what would begin a line of its own in the log is left out.</summary>
    private static string NameOf(ImapMailbox? mailbox) => mailbox?.Account is { } account ? $" ({Line(account.UserName)} on {Line(account.Host)})" : "";

    private static string Line(string? text) => string.Concat((text ?? "").Where(c => !char.IsControl(c)).Take(MaxNamed));

    /// <summary>Why it cannot be watched; null when it can.</summary>
    private static string? Problem(ImapMailbox? mailbox) => mailbox switch
    {
        null or { Account: null } => "there is no account",
        { Account.UserName: var user } when string.IsNullOrWhiteSpace(user) => "the account has no user name",
        { Account.UserName: var user } when user.Any(char.IsControl) => "UserName has a control character",
        { Account.Host: var host } when string.IsNullOrWhiteSpace(host) || Uri.CheckHostName(host) == UriHostNameType.Unknown =>
            "Host must be a host name or an IP address alone, without scheme, port or path",
        { Account.Port: < 1 or > 65535 } => "Port must be from 1 to 65535",
        { Account: { Password: null, AccessToken: null } } => "the account has neither Password nor AccessToken",
        { Account: { Password: not null, AccessToken: not null } } => "the account has both Password and AccessToken",
        { Account: { IsReadableOutside: true, AccessToken: not null } } => "Security = None would send the access token readable; use Tls or StartTls",
        { Account: { IsReadableOutside: true, AllowPlainText: false } } =>
            "Security = None would send the password readable across the network; use Tls or StartTls, or set AllowPlainText",
        { Tag: { } tag } when tag.Length > ImapMailbox.MaxTag || tag.Any(char.IsControl) => $"Tag must be at most {ImapMailbox.MaxTag} characters, none of them a control character",
        { Folder: { } folder } when string.IsNullOrWhiteSpace(folder) => "Folder is empty; null is the one on the attribute",
        { Folder: { } folder } when folder.Any(char.IsControl) => "Folder has a control character",
        _ => null,
    };
}
