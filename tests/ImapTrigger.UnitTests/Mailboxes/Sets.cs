using ImapTrigger.Connections;
using ImapTrigger.Mailboxes;
using ImapTrigger.UnitTests.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImapTrigger.UnitTests.Mailboxes;

internal static class Sets
{
    /// <summary>The sets of an app with these settings.</summary>
    public static MailboxSets Of(IConfiguration configuration, IEnumerable<IImapMailboxSource>? sources = null, TimeProvider? time = null, ILoggerFactory? loggers = null)
    {
        var tokens = NamingComponents.Tokens();
        return new MailboxSets(
            new ImapAccounts(configuration, tokens), tokens, configuration, new StateStorage(configuration, new NamingComponents()), sources ?? [], time ?? TimeProvider.System, loggers ?? NullLoggerFactory.Instance);
    }
}
