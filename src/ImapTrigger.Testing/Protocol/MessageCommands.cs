using System.Collections.Immutable;
using System.Globalization;

namespace ImapTrigger.Testing.Protocol;

/// <summary>The commands on the messages of the selected folder: FETCH, SEARCH, STORE, COPY, MOVE, EXPUNGE, also by UID.</summary>
internal sealed class MessageCommands(ImapTestAccount account, SelectedFolder selected, bool uidPlus, ImapTestFaults faults)
{
    /// <summary>FETCH; the answer goes out message by message, for it may be large.</summary>
    public async Task FetchAsync(CommandText command, bool byUid, Func<Response, Task> send)
    {
        command.Space();
        var set = command.Word();
        command.Space();
        var items = FetchItem.Read(command);
        command.End();
        if (byUid && !items.Exists(item => item.Name == "UID"))
            items.Insert(0, new FetchItem("UID"));

        var found = selected.Select(set, byUid);
        if (faults.TakeHidden())
            found.RemoveAll(item => item.Message.Uid == selected.HighestUid);
        if (!selected.ReadOnly && items.Exists(item => !item.Peek))
            MarkSeen(found);
        foreach (var (number, message) in found)
        {
            var response = new Response().Add(string.Create(CultureInfo.InvariantCulture, $"* {number} FETCH ("));
            for (var i = 0; i < items.Count; i++)
                items[i].Write(i == 0 ? response : response.Add(" "), message);
            await send(response.Line(")"));
        }
    }

    public void Search(CommandText command, bool byUid, Response response)
    {
        command.Space();
        if (command.Whole.Contains(" CHARSET ", StringComparison.OrdinalIgnoreCase) && char.ToUpperInvariant(command.Peek) == 'C')
        {
            command.Word();
            command.Space();
            command.Text();
            command.Space();
        }

        var wanted = new SearchKeys(command, selected).Read();
        command.End();
        var hidden = faults.TakeHidden();
        response.Add("* SEARCH");
        foreach (var (number, message) in selected.All().Where(item => wanted(item.Number, item.Message) && !(hidden && item.Message.Uid == selected.HighestUid)))
            response.Add(string.Create(CultureInfo.InvariantCulture, $" {(byUid ? message.Uid : number)}"));
        response.Line("");
    }

    /// <summary>STORE; what it changes is told by the next look at the folder, unless silence is wanted.</summary>
    public void Store(CommandText command, bool byUid)
    {
        ThrowIfReadOnly();
        command.Space();
        var uids = UidsOf(selected.Select(command.Word(), byUid));
        command.Space();
        var how = command.Word().ToUpperInvariant().Replace(".SILENT", "", StringComparison.Ordinal);
        command.Space();
        var flags = command.Peek == '(' ? command.Words() : [command.Word()];
        command.End();
        Func<ImmutableSortedSet<string>, ImmutableSortedSet<string>> change = how switch
        {
            "FLAGS" => old => old.Clear().Union(flags),
            "+FLAGS" => old => old.Union(flags),
            "-FLAGS" => old => old.Except(flags),
            _ => throw new BadCommandException($"There is no way to store '{how}'"),
        };
        selected.Folder.Change(message => uids.Contains(message.Uid) ? message.With(change(message.Flags)) : message);
    }

    /// <summary>COPY and MOVE; returns the code for the answer (RFC 4315).</summary>
    public string Copy(CommandText command, bool byUid, bool move, Response response)
    {
        command.Space();
        var found = selected.Select(command.Word(), byUid);
        command.Space();
        var name = command.Text();
        command.End();
        if (move)
            ThrowIfReadOnly();
        var target = account.Find(name) ?? throw new RefusedException("[TRYCREATE] There is no such folder");
        var uids = found.Select(item => target.Append([item.Message.Content], item.Message.Flags, item.Message.InternalDate)[0]).ToList();
        var code = !uidPlus || uids.Count == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"[COPYUID {target.UidValidity} {string.Join(',', found.Select(item => item.Message.Uid))} {string.Join(',', uids)}] ");
        if (!move)
            return code;

        if (code.Length > 0)
            response.Line($"* OK {code}Moved");
        Remove(UidsOf(found));
        return "";
    }

    /// <summary>EXPUNGE, or UID EXPUNGE with a set (RFC 4315).</summary>
    public void Expunge(CommandText command, bool byUid)
    {
        ThrowIfReadOnly();
        HashSet<uint>? only = null;
        if (byUid)
        {
            command.Space();
            only = UidsOf(selected.Select(command.Word(), byUid: true));
        }

        command.End();
        selected.Folder.Change(message => message.Has(@"\Deleted") && only?.Contains(message.Uid) != false ? null : message);
    }

    private void MarkSeen(List<(uint Number, ImapTestMessage Message)> found)
    {
        var uids = UidsOf(found);
        selected.Folder.Change(message => uids.Contains(message.Uid) && !message.Has(@"\Seen") ? message.With(message.Flags.Add(@"\Seen")) : message);
    }

    private void Remove(HashSet<uint> uids) => selected.Folder.Change(message => uids.Contains(message.Uid) ? null : message);

    private static HashSet<uint> UidsOf(List<(uint Number, ImapTestMessage Message)> found) => found.Select(item => item.Message.Uid).ToHashSet();

    private void ThrowIfReadOnly()
    {
        if (selected.ReadOnly)
            throw new RefusedException("[READ-ONLY] The folder is open for reading only");
    }
}
