using ImapTrigger.Connections;
using Microsoft.Extensions.Configuration;

namespace ImapTrigger.Mailboxes;

/// <summary>
/// The app settings that a blob may name as passwords: those below the set's own section, and no others, for who may write the blob may also say to which host they are sent.
/// </summary>
internal sealed class Secrets(IConfigurationSection section)
{
    /// <summary>How the app setting of that name is called.</summary>
    public string NameOf(string name) => $"{SettingName.Of(section)}__{name}";

    /// <summary>Null when there is none.</summary>
    public string? Find(string name) => section[name] is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;
}
