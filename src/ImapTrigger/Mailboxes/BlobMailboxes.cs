using System.Runtime.CompilerServices;
using ImapTrigger.Connections;
using ImapTrigger.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Mailboxes;

/// <summary>The mailboxes of a JSON blob, looked at by its ETag. What cannot be read or understood is told, and the last good list stays.</summary>
internal sealed class BlobMailboxes(string connection, SettingsBlob blob, MailboxJson json, TimeProvider time, ILogger logger) : IImapMailboxSource
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    public string Connection => connection;

    public async IAsyncEnumerable<IReadOnlyCollection<ImapMailbox>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wrong = new WrongMailboxes(connection, logger);
        string? said = null;
        while (true)
        {
            var (list, problem) = await ReadOnceAsync(cancellationToken);
            if (problem is not null && problem != said)
                logger.ListUnusable(connection, $"{blob.Location}: {problem}");
            if (list is not null)
            {
                wrong.Tell(list.Wrong);
                // All wrong is more likely a mistake than a wish to watch nothing.
                if (list.Mailboxes.Count > 0 || list.Wrong.Count == 0)
                    yield return list.Mailboxes;
            }

            // What was unusable and has not changed since is not read again.
            if (list is not null || problem is not null)
                said = problem;
            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    /// <summary>Neither a list nor a problem when nothing has changed.</summary>
    private async Task<(MailboxList? List, string? Problem)> ReadOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await blob.ReadIfChangedAsync(cancellationToken) is { } content ? (json.Read(content), null) : default;
        }
        catch (InvalidOperationException e)
        {
            return (null, e.Message);
        }
    }
}
