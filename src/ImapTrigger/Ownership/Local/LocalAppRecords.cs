using System.Globalization;

namespace ImapTrigger.Ownership.Local;

/// <summary>The records in the folders below an app's.</summary>
internal sealed class LocalAppRecords(string folder) : IAppRecords
{
    public string Location => folder;

    public async Task<StoreAnswer<IReadOnlyList<StoredCursor>>> ReadAsync(IReadOnlyCollection<string> except, CancellationToken cancellationToken)
    {
        var cursors = new List<StoredCursor>();
        try
        {
            foreach (var function in Directory.Exists(folder) ? new DirectoryInfo(folder).GetDirectories() : [])
            {
                if (except.Contains(function.Name))
                    continue;
                foreach (var file in function.GetFiles("*.json").Where(file => int.TryParse(Path.GetFileNameWithoutExtension(file.Name), NumberStyles.None, CultureInfo.InvariantCulture, out _)))
                {
                    var state = PartitionJson.Read(await LocalPartitionStore.ReadAsync(file.FullName, cancellationToken), out _) ?? PartitionState.Empty;
                    var held = LocalPartitionStore.IsLocked(Path.ChangeExtension(file.FullName, "lock"));
                    cursors.AddRange(state.Mailboxes.Select(mailbox => new StoredCursor(function.Name, mailbox.Key, mailbox.Value, held, file.LastWriteTimeUtc)));
                }
            }

            return new StoreAnswer<IReadOnlyList<StoredCursor>>(StoreOutcome.Done, cursors);
        }
        catch (UnauthorizedAccessException e)
        {
            return new StoreAnswer<IReadOnlyList<StoredCursor>>(StoreOutcome.Forbidden, null, e.Message);
        }
        catch (IOException e)
        {
            return new StoreAnswer<IReadOnlyList<StoredCursor>>(StoreOutcome.Unreachable, null, e.Message);
        }
    }
}
