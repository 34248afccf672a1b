using ImapTrigger.Ownership;
using ImapTrigger.Ownership.Local;

namespace ImapTrigger.UnitTests.Ownership;

public sealed class LocalRecordTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;
    private readonly Guid _lease = Guid.NewGuid();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Record => Path.Combine(_folder, "00.json");

    /// <summary>Whoever writes the whole into the file itself has, for a moment, neither; who has it open then sees what a crash would leave.</summary>
    [Fact]
    public async Task The_old_record_stays_whole_until_the_new_one_is()
    {
        var store = new LocalPartitionStore(_folder);
        var state = (await store.AcquireAsync(0, _lease, Token)).Value!;
        await store.WriteAsync(0, _lease, state with { Owner = "first" }, Token);
        await using var old = new FileStream(Record, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        await store.ReleaseAsync(0, _lease, Token);

        // The first write of an owner is whole.
        await store.AcquireAsync(0, _lease, Token);
        await store.WriteAsync(0, _lease, state with { Owner = "second" }, Token);

        Assert.Equal("first", await OwnerAsync(old));
        await using var now = File.OpenRead(Record);
        Assert.Equal("second", await OwnerAsync(now));
        await store.ReleaseAsync(0, _lease, Token);
    }

    /// <summary>What is acknowledged is on the disk; and a name never leads to what is not.</summary>
    [Fact]
    public async Task Nothing_is_acknowledged_or_renamed_before_it_is_on_the_disk()
    {
        var flushed = new Dictionary<string, long>();
        string? recordThen = null;
        var store = new LocalPartitionStore(_folder)
        {
            Flush = file =>
            {
                flushed[Path.GetFileName(file.Name)] = file.Length;
                recordThen = File.Exists(Record) ? File.ReadAllText(Record) : null;
            },
        };
        await store.AcquireAsync(0, _lease, Token);
        var state = RecordTests.Full(mailboxes: 2);
        await store.WriteAsync(0, _lease, state, Token);
        Assert.Equal(new FileInfo(Record).Length, flushed["00.json.next"]);
        Assert.Null(recordThen);
        for (var i = 0; i < 400; i++)
        {
            flushed.Clear();
            await store.WriteAsync(0, _lease, state = RecordTests.Settled(state, "user1@host/INBOX"), Token);
            Assert.Equal(new FileInfo(Record).Length, Assert.Single(flushed).Value);
        }

        await store.ReleaseAsync(0, _lease, Token);
        RecordTests.AssertSame(state, (await store.AcquireAsync(0, _lease, Token)).Value!, seed: 0);
    }

    [Fact]
    public async Task A_write_costs_what_has_changed_and_the_file_stays_small()
    {
        long written = 0, longest = 0, before = 0;
        var store = new LocalPartitionStore(_folder)
        {
            Flush = file =>
            {
                written += file.Name == Record ? file.Length - before : file.Length;
                longest = Math.Max(longest, before = file.Length);
            },
        };
        await store.AcquireAsync(0, _lease, Token);
        var (random, state) = (new Random(5), RecordTests.Full(mailboxes: 31));
        await store.WriteAsync(0, _lease, state, Token);
        var first = written;
        for (var i = 0; i < 2000; i++)
            await store.WriteAsync(0, _lease, state = RecordTests.Settled(state, $"user{random.Next(31)}@host/INBOX"), Token);
        TestContext.Current.TestOutputHelper?.WriteLine($"bytes a message: {(written - first) / 2000}");
        Assert.InRange((written - first) / 2000, 100, 2000);
        Assert.InRange(longest, first, (first * 2) + (65 * 1024));
        await store.ReleaseAsync(0, _lease, Token);
        RecordTests.AssertSame(state, (await store.AcquireAsync(0, _lease, Token)).Value!, seed: 5);
    }

    [Fact]
    public async Task A_last_line_that_a_crash_has_cut_off_is_left_out_and_said()
    {
        var store = new LocalPartitionStore(_folder);
        await store.AcquireAsync(0, _lease, Token);
        var state = RecordTests.Full(mailboxes: 2);
        await store.WriteAsync(0, _lease, state, Token);
        await store.WriteAsync(0, _lease, RecordTests.Settled(state, "user1@host/INBOX"), Token);
        await store.ReleaseAsync(0, _lease, Token);
        await using (var file = new FileStream(Record, FileMode.Open))
            file.SetLength(file.Length - 9);

        var answer = await store.AcquireAsync(0, _lease, Token);
        Assert.Contains("cut off", answer.Reason, StringComparison.Ordinal);
        RecordTests.AssertSame(state, answer.Value!, seed: 0);
        // And what is written now does not stand behind it.
        await store.WriteAsync(0, _lease, state = RecordTests.Settled(state, "user0@host/INBOX"), Token);
        await store.ReleaseAsync(0, _lease, Token);
        answer = await store.AcquireAsync(0, _lease, Token);
        Assert.Null(answer.Reason);
        RecordTests.AssertSame(state, answer.Value!, seed: 0);
    }

    [Fact]
    public async Task A_write_that_fails_in_the_middle_is_followed_by_a_whole_one()
    {
        var full = false;
        var store = new LocalPartitionStore(_folder)
        {
            Flush = file =>
            {
                if (!full)
                    return;
                file.SetLength(file.Length - 9);
                throw new IOException("No space left on device");
            },
        };
        await store.AcquireAsync(0, _lease, Token);
        var state = RecordTests.Full(mailboxes: 2);
        await store.WriteAsync(0, _lease, state, Token);
        full = true;
        Assert.Equal(StoreOutcome.Unreachable, (await store.WriteAsync(0, _lease, state = RecordTests.Settled(state, "user1@host/INBOX"), Token)).Outcome);
        full = false;
        Assert.Equal(StoreOutcome.Done, (await store.WriteAsync(0, _lease, state = RecordTests.Settled(state, "user0@host/INBOX"), Token)).Outcome);
        await store.ReleaseAsync(0, _lease, Token);
        var answer = await store.AcquireAsync(0, _lease, Token);
        Assert.Null(answer.Reason);
        RecordTests.AssertSame(state, answer.Value!, seed: 0);
    }

    [Fact]
    public async Task A_look_reads_no_record_that_has_not_changed()
    {
        var (mine, other) = (new LocalPartitionStore(_folder), new LocalPartitionStore(_folder));
        await mine.AcquireAsync(0, _lease, Token);
        await mine.WriteAsync(0, _lease, RecordTests.Full(mailboxes: 2) with { Owner = "first" }, Token);
        Assert.Equal("first", await SeenOwnerAsync(other));
        // Nobody can see that it has changed.
        var (text, written) = (await File.ReadAllTextAsync(Record, Token), File.GetLastWriteTimeUtc(Record));
        await File.WriteAllTextAsync(Record, text.Replace("first", "fifth", StringComparison.Ordinal), Token);
        File.SetLastWriteTimeUtc(Record, written);
        Assert.Equal("first", await SeenOwnerAsync(other));
        Assert.Equal("first", await SeenOwnerAsync(mine));
        await mine.WriteAsync(0, _lease, RecordTests.Full(mailboxes: 2) with { Owner = "second" }, Token);
        Assert.Equal("second", await SeenOwnerAsync(other));
        await mine.ReleaseAsync(0, _lease, Token);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<string?> SeenOwnerAsync(LocalPartitionStore store) => (await store.LookAsync(null, Token)).Value!.Partitions[0].Owner;

    private static async Task<string?> OwnerAsync(Stream record)
    {
        using var text = new MemoryStream();
        await record.CopyToAsync(text, Token);
        return PartitionJson.Read(text.ToArray(), out _)?.Owner;
    }
}
