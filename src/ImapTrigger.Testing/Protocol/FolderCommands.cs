using System.Globalization;

namespace ImapTrigger.Testing.Protocol;

/// <summary>The commands on an account's folders: LIST, STATUS, CREATE, DELETE, RENAME, APPEND and their kin.</summary>
internal sealed class FolderCommands(ImapTestAccount account, bool uidPlus)
{
    public void List(CommandText command, string name, Response response)
    {
        command.Space();
        // LIST-EXTENDED is not offered, so what follows is a reference and a pattern.
        var reference = command.Text();
        command.Space();
        var pattern = reference + command.Text();
        command.End();
        if (pattern.Length == 0)
        {
            response.Line($"* {name} (\\Noselect) \"/\" \"\"");
            return;
        }

        foreach (var folder in account.Folders.Where(folder => Matches(folder.Name, pattern)))
            response.Add($"* {name} () \"/\" ").NString(folder.Name).Line("");
    }

    public void Status(CommandText command, Response response)
    {
        command.Space();
        var folder = Required(command.Text());
        command.Space();
        var messages = folder.Snapshot();
        var values = command.Words().Select(item => item.ToUpperInvariant()).Select(item => string.Create(CultureInfo.InvariantCulture, $"{item} {item switch
        {
            "MESSAGES" => messages.Length,
            "RECENT" => 0,
            "UIDNEXT" => folder.UidNext,
            "UIDVALIDITY" => folder.UidValidity,
            "UNSEEN" => messages.Count(message => !message.Has(@"\Seen")),
            "SIZE" => messages.Sum(message => (long)message.Raw.Length),
            _ => throw new BadCommandException($"There is no status item '{item}'"),
        }}"));
        response.Add("* STATUS ").NString(folder.Name).Line($" ({string.Join(' ', values)})");
    }

    public void Create(CommandText command)
    {
        command.Space();
        var name = command.Text().TrimEnd('/');
        if (account.Find(name) is not null)
            throw new RefusedException("[ALREADYEXISTS] There is such a folder already");
        account.AddFolder(name);
    }

    public void Delete(CommandText command)
    {
        command.Space();
        if (!account.Remove(command.Text()))
            throw new RefusedException("[NONEXISTENT] There is no such folder that could be deleted");
    }

    public void Rename(CommandText command)
    {
        command.Space();
        var name = command.Text();
        command.Space();
        if (!account.Rename(name, command.Text()))
            throw new RefusedException("There is no such folder that could be renamed, or the name is taken");
    }

    /// <summary>APPEND; returns the code for the answer (RFC 4315).</summary>
    public string Append(CommandText command)
    {
        command.Space();
        var folder = account.Find(command.Text()) ?? throw new RefusedException("[TRYCREATE] There is no such folder");
        command.Space();
        List<string>? flags = null;
        if (command.Peek == '(')
        {
            flags = command.Words();
            command.Space();
        }

        DateTimeOffset? date = null;
        if (command.Peek == '"')
        {
            var text = command.Text();
            date = DateTimeOffset.TryParseExact(text.Trim(), "d-MMM-yyyy HH:mm:ss zzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed)
                ? parsed
                : throw new BadCommandException($"'{text}' is not a date with time");
            command.Space();
        }

        var uid = folder.Append(command.Bytes(), flags, date);
        command.End();
        return uidPlus ? string.Create(CultureInfo.InvariantCulture, $"[APPENDUID {folder.UidValidity} {uid}] ") : "";
    }

    public ImapTestFolder Required(string name) => account.Find(name) ?? throw new RefusedException("[NONEXISTENT] There is no such folder");

    /// <summary><c>*</c> stands for anything, <c>%</c> for anything within one level (RFC 9051, 6.3.9).</summary>
    private static bool Matches(string name, string pattern)
    {
        if (pattern.Length == 0)
            return name.Length == 0;
        if (pattern[0] is '*' or '%')
            return Matches(name, pattern[1..]) || (name.Length > 0 && (pattern[0] == '*' || name[0] != '/') && Matches(name[1..], pattern));
        return name.Length > 0 && char.ToUpperInvariant(name[0]) == char.ToUpperInvariant(pattern[0]) && Matches(name[1..], pattern[1..]);
    }
}
