using System.Globalization;

namespace ImapTrigger.Ownership;

/// <summary>How near two mailboxes are by what they are called.</summary>
internal enum Kinship
{
    None,

    /// <summary>A folder of the same name.</summary>
    Folder,

    /// <summary>The user and the folder; the host is called differently.</summary>
    User,

    /// <summary>User, host and folder; the port is another, or the user is written in other case.</summary>
    Mailbox,

    /// <summary>The very key under which this mailbox lay before keys left out port and case.</summary>
    Itself,
}

/// <summary>What a mailbox is called in its settings, and the keys under which its cursor may lie.</summary>
internal sealed record MailboxName(string UserName, string Host, int Port, string Folder)
{
    private readonly string _host = PartitionMap.HostOf(Host);
    private readonly string _folder = FolderName.Canonical(Folder);

    public string Key => PartitionMap.KeyOf(UserName, Host, Folder);

    /// <summary>The same for all that are the same mailbox on any server: 143 and 993 are two ways to one.</summary>
    public MailboxName Plain => new(UserName, _host, Port == 143 ? 993 : Port, _folder);

    /// <summary>For a server that distinguishes users by case.</summary>
    public string KeyWithCase => $"{UserName}@{_host}/{_folder}";

    /// <summary>For servers that share a host; also the only form of records of version 1.</summary>
    public string KeyWithPort => string.Create(CultureInfo.InvariantCulture, $"{UserName}@{_host}:{Port}/{_folder}");

    /// <summary>How near a mailbox is that has this key, in whatever form.</summary>
    public Kinship KinshipOf(string key)
    {
        if (key == KeyWithPort)
            return Kinship.Itself;
        var (text, folder) = (FolderName.Composed(key), FolderName.Composed(_folder));
        if (!text.EndsWith($"/{folder}", StringComparison.Ordinal))
            return Kinship.None;
        var account = text[..^(folder.Length + 1)];
        var at = account.LastIndexOf('@');
        var host = account[(at + 1)..];
        // What follows is then the beginning of a longer folder's name.
        if (at < 0 || host.Contains('/', StringComparison.Ordinal))
            return Kinship.None;
        if (!account[..at].Equals(UserName, StringComparison.OrdinalIgnoreCase))
            return Kinship.Folder;
        return IsOurs(host) ? Kinship.Mailbox : Kinship.User;
    }

    private bool IsOurs(string host) => host == _host || (host.StartsWith($"{_host}:", StringComparison.Ordinal) && host[(_host.Length + 1)..].All(char.IsAsciiDigit));
}
