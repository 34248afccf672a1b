using Microsoft.Extensions.Configuration;

namespace ImapTrigger.Connections;

/// <summary>App settings -> accounts. Mistakes name the setting and what is wrong with it, never its value.</summary>
internal sealed class ImapAccounts(IConfiguration configuration, AccessTokens tokens)
{
    /// <param name="connection">The name on the attribute.</param>
    /// <param name="function">For the error message.</param>
    /// <exception cref="SettingsException">Settings are missing, contradictory or unreadable: all that are.</exception>
    public IReadOnlyList<ImapAccount> Find(string connection, string function)
    {
        var mistakes = new Mistakes(function);
        var accounts = Find(connection, mistakes);
        mistakes.ThrowIfAny();
        return accounts;
    }

    /// <param name="connection">The name on the attribute.</param>
    /// <param name="mistakes">Where to put what is wrong; what is returned is then incomplete.</param>
    public IReadOnlyList<ImapAccount> Find(string connection, Mistakes mistakes)
    {
        if (string.IsNullOrWhiteSpace(connection))
        {
            mistakes.Add("Connection is empty. Give the name of a settings section, such as \"Imap\".");
            return [];
        }

        // Somebody always puts the connection itself there; it holds a password, so it must not be printed.
        if (connection.Contains("://", StringComparison.Ordinal) || connection.Contains('@'))
        {
            mistakes.Add("Connection holds an address or URL. Put that into an app setting and give the setting's name here.");
            return [];
        }

        var section = configuration.GetWebJobsConnectionSection(connection);
        if (ConnectionValue.Of(configuration, section) is null && !section.GetChildren().Any())
        {
            var stray = section.Value is { Length: > 0 } ? ": its value is a path, such as a shell sets, and no imaps:// URL" : "";
            mistakes.Add($"the app setting '{connection}' is missing{stray}. Set {connection}__host, {connection}__userName and {connection}__password, or {connection} to a URL.");
            return [];
        }

        return Mailboxes(section, mistakes).Select(mailbox => Read(mailbox, mistakes)).OfType<ImapAccount>().ToArray();
    }

    /// <summary>One section, or those of a list, as .NET writes lists in settings: Imap__0, Imap__1, ... each a section or a URL of its own.</summary>
    private IEnumerable<IConfigurationSection> Mailboxes(IConfigurationSection section, Mistakes mistakes)
    {
        var children = section.GetChildren().ToArray();
        var numbers = children.Where(child => child.Key.All(char.IsAsciiDigit)).ToArray();
        if (numbers.Length == 0 || ConnectionValue.Of(configuration, section) is not null)
            return [section];
        if (children.Except(numbers).FirstOrDefault() is not { } single)
            return numbers;
        mistakes.Add($"the app setting '{SettingName.Of(single)}' is of a single mailbox, but {SettingName.Of(numbers[0])} begins a list: number all of them, or none.");
        return [];
    }

    private ImapAccount? Read(IConfigurationSection section, Mistakes mistakes)
    {
        if (ConnectionValue.Of(configuration, section) is not { } url)
            return new AccountSettings(section, tokens, mistakes).Read();
        if (section.GetChildren().FirstOrDefault() is { } child)
            mistakes.Add($"the app setting '{SettingName.Of(section)}' has a value and also {SettingName.Of(child)}: use either the URL or the single settings.");
        else if (ImapUrl.Parse(url, out var problem) is { } account)
            return account;
        else
            mistakes.Add($"the app setting '{SettingName.Of(section)}' cannot be used: {problem}.");
        return null;
    }
}
