using ImapTrigger.Connections;
using ImapTrigger.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Mailboxes;

/// <summary>The name on an attribute -> the mailboxes that it stands for: app settings, a blob that these name, or a source of the app's own.</summary>
internal sealed class MailboxSets(
    ImapAccounts accounts, AccessTokens tokens, IConfiguration configuration, StateStorage storage, IEnumerable<IImapMailboxSource> sources, TimeProvider time, ILoggerFactory loggers)
{
    private const string Blob = "blob";
    private const string Storage = "storage";
    private const string Secrets = "secrets";
    private readonly ILogger _logger = new CarefulLogger(loggers.CreateLogger(Log.Category));

    /// <param name="connection">The name.</param>
    /// <param name="function">For the error message.</param>
    /// <exception cref="SettingsException">Settings are missing, contradictory or unreadable: all that are.</exception>
    public MailboxSet Find(string connection, string function)
    {
        var mistakes = new Mistakes(function);
        var set = Find(connection, mistakes);
        mistakes.ThrowIfAny();
        return set!;
    }

    /// <param name="connection">The name.</param>
    /// <param name="mistakes">Where to put what is wrong. With a list, a mistake in one mailbox is none of these unless all are wrong.</param>
    public MailboxSet? Find(string connection, Mistakes mistakes)
    {
        var own = sources.Where(source => connection.Equals(source.Connection, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (own.Length > 1)
            mistakes.Add($"there are {own.Length} sources of mailboxes (IImapMailboxSource) with Connection = \"{connection}\".");
        if (own.Length == 0)
            return OfSettings(connection, mistakes);
        if (configuration.GetWebJobsConnectionSection(connection).Exists())
            mistakes.Add($"Connection = \"{connection}\" is the name of a source of mailboxes (IImapMailboxSource) and of an app setting. Give one of them another.");
        return new MailboxSet(new CheckedMailboxes(own[0], _logger), [], IsList: true);
    }

    private MailboxSet? OfSettings(string connection, Mistakes mistakes)
    {
        if (accounts.SectionOf(connection, mistakes) is not { } section)
            return null;
        if (section[Blob] is { Length: > 0 } path)
            return OfBlob(connection, section, path, mistakes);
        var list = accounts.Find(connection, mistakes);
        if (list.Mailboxes.Count == 0)
            list.Wrong.ToList().ForEach(mistakes.Add);
        return new MailboxSet(new ConfigurationMailboxes(connection, accounts, configuration, time, _logger), list.Mailboxes, list.IsList);
    }

    private MailboxSet? OfBlob(string connection, IConfigurationSection section, string path, Mistakes mistakes)
    {
        var before = mistakes.Count;
        var name = $"{SettingName.Of(section)}__{Blob}";
        var secrets = section.GetSection(Secrets);
        var defaults = ImapAccounts.DefaultsOf(section, [section.GetSection(Blob), section.GetSection(Storage), secrets], mistakes);
        if (path.Split('/', 2) is not [{ Length: > 0 } container, { Length: > 0 } blob])
        {
            mistakes.Add($"the app setting '{name}' must be a container and the blob's name in it, such as settings/mailboxes.json.");
            return null;
        }

        try
        {
            var reader = new MailboxJson(tokens, defaults, new Secrets(secrets));
            var source = new BlobMailboxes(connection, storage.Blob(section[Storage], container, blob), reader, time, _logger);
            return mistakes.Count == before ? new MailboxSet(source, [], IsList: true) : null;
        }
        catch (InvalidOperationException e)
        {
            mistakes.Add($"the blob of '{name}' cannot be read: {e.Message}");
            return null;
        }
    }
}
