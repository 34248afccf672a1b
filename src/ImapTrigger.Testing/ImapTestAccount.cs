using System.Collections.Concurrent;

namespace ImapTrigger.Testing;

/// <summary>An account of a test server and its folders.</summary>
public sealed class ImapTestAccount
{
    private const string InboxName = "INBOX";
    private readonly ConcurrentDictionary<string, ImapTestFolder> _folders = new(StringComparer.Ordinal);

    internal ImapTestAccount(string userName, string password)
    {
        UserName = userName;
        Password = password;
        Inbox = AddFolder(InboxName);
    }

    /// <summary>The login name.</summary>
    public string UserName { get; }

    /// <summary>The password that the account was made with.</summary>
    public string Password { get; }

    /// <summary>The OAuth access token that logs in, by OAUTHBEARER (RFC 7628) or XOAUTH2; null, the default, accepts none.</summary>
    public string? AccessToken { get; set; }

    /// <summary>The folder <c>INBOX</c>.</summary>
    public ImapTestFolder Inbox { get; }

    /// <summary>All folders, by name; the hierarchy separator is <c>/</c>.</summary>
    public IReadOnlyList<ImapTestFolder> Folders => _folders.Values.OrderBy(folder => folder.Name, StringComparer.Ordinal).ToArray();

    /// <summary>Adds an empty folder.</summary>
    /// <param name="name">Its full name, such as <c>Archive/2026</c>; ASCII.</param>
    /// <exception cref="ArgumentException">There is a folder of that name.</exception>
    public ImapTestFolder AddFolder(string name)
    {
        var folder = new ImapTestFolder(name);
        return _folders.TryAdd(Canonical(name), folder) ? folder : throw new ArgumentException($"There is a folder '{name}' already.", nameof(name));
    }

    internal ImapTestFolder? Find(string name) => _folders.GetValueOrDefault(Canonical(name));

    internal bool Remove(string name) => !name.Equals(InboxName, StringComparison.OrdinalIgnoreCase) && _folders.TryRemove(name, out _);

    /// <summary>With what lies below it; clients that have it selected stay with it.</summary>
    internal bool Rename(string name, string newName)
    {
        if (Canonical(name) == InboxName || !_folders.ContainsKey(name) || Find(newName) is not null)
            return false;
        foreach (var folder in Folders.Where(folder => folder.Name == name || folder.Name.StartsWith($"{name}/", StringComparison.Ordinal)))
        {
            _folders.TryRemove(folder.Name, out _);
            folder.Name = newName + folder.Name[name.Length..];
            _folders[folder.Name] = folder;
        }

        return true;
    }

    // INBOX is the one name without case (RFC 9051, 5.1).
    private static string Canonical(string name) => name.Equals(InboxName, StringComparison.OrdinalIgnoreCase) ? InboxName : name;
}
