using Microsoft.Extensions.Configuration;

namespace ImapTrigger.Connections;

/// <summary>App settings -> mailboxes. Mistakes name the setting and what is wrong with it, never its value.</summary>
internal sealed class ImapAccounts(IConfiguration configuration, AccessTokens tokens)
{
    /// <summary>Below it, or right below the section, the list; what lies beside it holds for all of them.</summary>
    public const string List = "mailboxes";

    /// <summary>What no URL says.</summary>
    private static readonly string[] BesideUrl = ["folder", "tag"];

    /// <param name="connection">The name on the attribute.</param>
    /// <param name="function">For the error message.</param>
    /// <exception cref="SettingsException">Settings are missing, contradictory or unreadable: all that are.</exception>
    public MailboxList Find(string connection, string function)
    {
        var mistakes = new Mistakes(function);
        var list = Find(connection, mistakes);
        if (list is { Mailboxes.Count: 0, Wrong.Count: > 0 })
            list.Wrong.ToList().ForEach(mistakes.Add);
        mistakes.ThrowIfAny();
        return list;
    }

    /// <param name="connection">The name on the attribute.</param>
    /// <param name="mistakes">Where to put what is wrong with all of it; what is returned is then incomplete.</param>
    public MailboxList Find(string connection, Mistakes mistakes)
    {
        if (SectionOf(connection, mistakes) is not { } section)
            return MailboxList.Empty;
        var url = ConnectionValue.Of(configuration, section);
        var children = section.GetChildren().ToArray();
        if (url is null && children.Length == 0)
        {
            var stray = section.Value is { Length: > 0 } ? ": its value is a path, such as a shell sets, and no imaps:// URL" : "";
            mistakes.Add($"the app setting '{connection}' is missing{stray}. Set {connection}__host, {connection}__userName and {connection}__password, or {connection} to a URL.");
            return MailboxList.Empty;
        }

        var (list, entries) = Entries(section, children);
        return url is not null || list is null ? MailboxList.Of([SettingGroups.Of(section, children)], (group, wrong) => Read(section, group, wrong)) : OfSet(section, list, entries, children, mistakes);
    }

    /// <summary>The section of a connection; null when there cannot be one.</summary>
    public IConfigurationSection? SectionOf(string connection, Mistakes mistakes)
    {
        if (string.IsNullOrWhiteSpace(connection))
        {
            mistakes.Add("Connection is empty. Give the name of a settings section, such as \"Imap\".");
            return null;
        }

        // Somebody always puts the connection itself there; it holds a password, so it must not be printed.
        if (connection.Contains("://", StringComparison.Ordinal) || connection.Contains('@'))
        {
            mistakes.Add("Connection holds an address or URL. Put that into an app setting and give the setting's name here.");
            return null;
        }

        return configuration.GetWebJobsConnectionSection(connection);
    }

    /// <summary>The settings of a set that hold for all its mailboxes.</summary>
    /// <param name="section">The set's section.</param>
    /// <param name="others">What there is beside them: the list.</param>
    /// <param name="mistakes">Where to put what is wrong.</param>
    public static SettingGroup DefaultsOf(IConfigurationSection section, IEnumerable<IConfigurationSection> others, Mistakes mistakes)
    {
        var except = others.Select(child => child.Path).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var defaults = SettingGroups.Of(section, section.GetChildren().Where(child => !except.Contains(child.Path)));
        AccountSettings.CheckValues(defaults, mistakes);
        foreach (var key in defaults.Values.Keys.Where(key => !AccountSettings.All.Contains(key, StringComparer.OrdinalIgnoreCase)))
            mistakes.Add($"{defaults.Called(key)} is not known. There are: {string.Join(", ", AccountSettings.All)}.");
        if (defaults.Values.ContainsKey("userName"))
            mistakes.Add($"{defaults.Called("userName")} is of a single mailbox, but there is a list beside it: put it into the list.");
        return defaults;
    }

    /// <summary>A list, as .NET writes lists in settings: Imap__0, Imap__1, ... or Imap__mailboxes__0, ... each a section or a URL of its own.</summary>
    private static (IConfigurationSection? List, IConfigurationSection[] Entries) Entries(IConfigurationSection section, IConfigurationSection[] children)
    {
        var numbers = children.Where(IsNumber).ToArray();
        if (numbers.Length > 0)
            return (section, numbers);
        var list = children.FirstOrDefault(child => child.Key.Equals(List, StringComparison.OrdinalIgnoreCase));
        return (list, list?.GetChildren().ToArray() ?? []);
    }

    private MailboxList OfSet(IConfigurationSection section, IConfigurationSection list, IConfigurationSection[] entries, IConfigurationSection[] children, Mistakes mistakes)
    {
        var before = mistakes.Count;
        if (list != section && list.Value is { Length: > 0 })
            mistakes.Add($"the app setting '{SettingName.Of(list)}' is a list: {SettingName.Of(list)}__0__userName, ...");
        if (entries.FirstOrDefault(entry => !IsNumber(entry)) is { } odd)
            mistakes.Add($"the app setting '{SettingName.Of(odd)}' is in a list, but has no number there: {SettingName.Of(list)}__0, {SettingName.Of(list)}__1, ...");
        var defaults = DefaultsOf(section, list == section ? entries : [list], mistakes);
        if (mistakes.Count > before)
            return MailboxList.Empty;
        var sections = entries.ToDictionary(SettingName.Of);
        return MailboxList.Of(SettingGroups.OfList(configuration, list, entries, AccountSettings.All, defaults), (group, wrong) => Read(sections[group.Name], group, wrong)) with { IsList = true };
    }

    private ImapMailbox? Read(IConfigurationSection section, SettingGroup settings, Mistakes mistakes)
    {
        var account = new AccountSettings(settings, tokens, mistakes);
        if (ConnectionValue.Of(configuration, section) is not { } url)
            return account.Read();
        if (settings.Values.Keys.FirstOrDefault(key => !BesideUrl.Contains(key, StringComparer.OrdinalIgnoreCase)) is { } key)
            mistakes.Add($"the app setting '{settings.Name}' has a value and also {settings.NameOf(key)}: use either the URL or the single settings.");
        else if (ImapUrl.Parse(url, out var problem) is { } parsed)
            return account.Complete(parsed);
        else
            mistakes.Add($"the app setting '{settings.Name}' cannot be used: {problem}.");
        return null;
    }

    private static bool IsNumber(IConfigurationSection section) => section.Key.All(char.IsAsciiDigit);
}
