using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ImapTrigger.Connections;
using ImapTrigger.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace ImapTrigger.Mailboxes;

/// <summary>The mailboxes of the app settings, read again whenever these are reloaded: a file that has changed, Azure App Configuration, a vault.</summary>
internal sealed class ConfigurationMailboxes(string connection, ImapAccounts accounts, IConfiguration configuration, TimeProvider time, ILogger logger) : IImapMailboxSource
{
    /// <summary>Several sources reload together, and one may do so in steps.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromMilliseconds(500);

    public string Connection => connection;

    public async IAsyncEnumerable<IReadOnlyCollection<ImapMailbox>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reloaded = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var listening = ChangeToken.OnChange(configuration.GetReloadToken, () => reloaded.Writer.TryWrite(true));
        var wrong = new WrongMailboxes(connection, logger);
        string[] said = [];
        while (true)
        {
            var mistakes = new Mistakes("");
            var list = accounts.Find(connection, mistakes);
            string[] problems = [.. mistakes.Texts];
            wrong.Tell(list.Wrong);
            if (problems.Length == 0 && (list.Mailboxes.Count > 0 || list.Wrong.Count == 0))
                yield return list.Mailboxes;
            else if (problems.Length > 0 && !problems.SequenceEqual(said))
                logger.ListUnusable(connection, string.Join(' ', problems));
            said = problems;
            await reloaded.Reader.ReadAsync(cancellationToken);
            await Task.Delay(Calm, time, cancellationToken);
        }
    }
}
