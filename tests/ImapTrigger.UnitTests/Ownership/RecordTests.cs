using System.Collections.Immutable;
using System.Text;
using ImapTrigger.Ownership;

namespace ImapTrigger.UnitTests.Ownership;

/// <summary>A record as it grows: lines, segments, and what is read of them.</summary>
public sealed class RecordTests
{
    private static readonly DateTimeOffset Date = new(2026, 11, 23, 10, 0, 0, TimeSpan.FromHours(1));

    public static TheoryData<int> Seeds => [1, 2, 3, Random.Shared.Next()];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Segments_say_after_every_write_what_the_state_says(int seed)
    {
        var random = new Random(seed);
        var record = new Record();
        var state = Full(mailboxes: 12);
        for (var i = 0; i < 1500; i++)
        {
            state = Changed(state, random);
            record.Write(state);
            if (i % 25 == 0)
                AssertSame(state, record.Read(), seed);
            if (random.Next(300) == 0)
                record.Forget();
        }

        AssertSame(state, record.Read(), seed);
    }

    [Fact]
    public void What_a_message_costs_does_not_grow_with_the_mailboxes_and_their_history()
    {
        var costs = new[] { 31, 310 }.Select(mailboxes =>
        {
            var (random, record, state) = (new Random(7), new Record(), Full(mailboxes));
            record.Write(state);
            var before = record.Bytes;
            for (var i = 0; i < 3000; i++)
                record.Write(state = Settled(state, $"user{random.Next(mailboxes)}@host/INBOX"));
            AssertSame(state, record.Read(), seed: 7);
            Assert.InRange(record.Length, 0, (RecordText.Whole(state).Length * 2) + (64 * 1024));
            Assert.InRange(record.Most, 2, 60);
            return (record.Bytes - before) / 3000;
        }).ToArray();
        TestContext.Current.TestOutputHelper?.WriteLine($"bytes a message: {string.Join(", ", costs)}");
        Assert.All(costs, cost => Assert.InRange(cost, 100, 2000));
    }

    [Fact]
    public void A_small_record_is_written_whole()
    {
        var record = new Record();
        var state = With(PartitionState.Empty, "ann@host/INBOX", new MailboxCursor { UidValidity = 1, LastUid = 1 });
        for (var i = 0; i < 20; i++)
        {
            record.Write(state = Settled(state, "ann@host/INBOX"));
            Assert.Equal(1, record.Segments);
        }
    }

    /// <summary>A crash while the last lines are written leaves some of them, and perhaps a part of one.</summary>
    [Fact]
    public void Wherever_the_last_write_is_cut_off_what_was_acknowledged_is_read()
    {
        var before = Full(mailboxes: 3);
        var after = Settled(Settled(before, "user0@host/INBOX"), "user2@host/INBOX") with { Apart = [7] };
        var acknowledged = RecordText.Whole(before);
        var text = (byte[])[.. acknowledged, .. RecordText.Of(RecordChanges.Between(before, after), after)];
        for (var length = acknowledged.Length; length <= text.Length; length++)
        {
            var state = PartitionJson.Read(text.AsSpan(0, length), out var problem);
            Assert.NotNull(state);
            Assert.Equal(text[length - 1] == '\n', problem is null);
            foreach (var (mailbox, cursor) in state.Mailboxes)
                Assert.InRange(cursor.LastUid, before.Mailboxes[mailbox].LastUid, after.Mailboxes[mailbox].LastUid);
        }

        AssertSame(after, PartitionJson.Read(text, out _)!, seed: 0);
        Assert.Null(PartitionJson.Read(acknowledged.AsSpan(0, 20), out _));
    }

    [Fact]
    public void A_record_that_is_damaged_before_its_end_is_left_alone_and_says_where()
    {
        var text = RecordText.Whole(Full(mailboxes: 3));
        text[Array.IndexOf(text, (byte)'\n') + 5] = (byte)'\n';
        Assert.Null(PartitionJson.Read(text, out var problem));
        Assert.Contains("line 2 ", problem, StringComparison.Ordinal);
        Assert.Contains("left as it is", problem, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_lies_there_is_an_answer(int seed)
    {
        var random = new Random(seed);
        byte[][] texts = [RecordText.Whole(Full(mailboxes: 2)), Version("1"), Version("2"), Encoding.UTF8.GetBytes("""{"version":3,"partitions":32}""")];
        for (var i = 0; i < 4000; i++)
        {
            var text = (byte[])texts[random.Next(texts.Length)].Clone();
            for (var damage = random.Next(1, 4); damage > 0; damage--)
                text[random.Next(text.Length)] = (byte)(random.Next(2) == 0 ? random.Next(256) : "{}[]\",:0-\n"[random.Next(10)]);
            var state = PartitionJson.Read(text.AsSpan(0, random.Next(text.Length + 1)), out var problem);
            Assert.True(state is not null || problem is not null, $"Seed {seed}: neither a state nor a problem.");
        }
    }

    [Fact]
    public void A_record_of_version_2_is_read_and_carried_over()
    {
        var state = PartitionJson.Read(Version("2"), out var problem)!;
        Assert.Null(problem);
        Assert.Equal((PartitionState.CurrentVersion, "web-1-4711-0a1b2c3d", 12L, false), (state.Version, state.Owner, state.Epoch, state.Clean));
        Assert.Equal([35, 1684531523], state.Watched);
        Assert.Equal([1684531555], state.Apart);
        AssertSame(state, PartitionJson.Read(RecordText.Whole(state), out _)!, seed: 0);
        var cursor = state.Mailboxes["ann@example.org@imap.example.org/INBOX"];
        Assert.Equal((1795500000u, 4711u, 4701u), (cursor.UidValidity, cursor.LastUid, cursor.Floor));
        Assert.Equal([new OpenMessage(2, Date.AddSeconds(9), false, "AbCdEfGh"), new OpenMessage(1, Date.AddSeconds(10), true, "IjKlMnOp", 1)], cursor.Open.Values);
        Assert.Equal((new MessageMark(4708, 1234, "QtaB+86ExD+4"), 12), (cursor.Last, cursor.Recent.Count));
        Assert.Equal((new UidGap(4709, 4711, Date.AddSeconds(12)), new Renumbering(4800, Date.AddDays(-1))), (cursor.Probe, cursor.Renumbered));
        Assert.Equal(Date.AddHours(1), state.Mailboxes["bjørn@example.org@imap.example.org/Entwürfe"].WantedSince);
    }

    [Fact]
    public void What_history_has_more_is_known_only_of_what_goes_on()
    {
        var few = RecentMessages.Of(["a", "b"]);
        Assert.Equal((0, 0, 2), (few.AddedTo(few), RecentMessages.None.AddedTo(RecentMessages.None), few.Add(["c", "d"]).AddedTo(few)));
        Assert.Null(RecentMessages.Of(["a", "b", "c"]).AddedTo(few));
        Assert.Null(RecentMessages.None.AddedTo(few));
        Assert.Null(few.AddedTo(few.Add("c")));
        Assert.Null(few.AddedTo(RecentMessages.None));
        Assert.Equal(RecentMessages.Most - 1, few.Add(Enumerable.Repeat("x", RecentMessages.Most - 1)).AddedTo(few));
        Assert.Null(few.Add(Enumerable.Repeat("x", RecentMessages.Most)).AddedTo(few));
        Assert.Equal("c d", few.Add(["c", "d"]).Latest(2).ToString());
    }

    internal static PartitionState Full(int mailboxes)
    {
        var state = PartitionState.Empty with { Owner = "us", Epoch = 3, Clean = false, Watched = [.. Enumerable.Range(0, mailboxes).Select(i => 32 * (i + 1))] };
        for (var i = 0; i < mailboxes; i++)
        {
            var recent = RecentMessages.Of(Enumerable.Range(0, RecentMessages.Most).Select(uid => Identity($"{i} {uid}")));
            state = With(state, $"user{i}@host/INBOX", new MailboxCursor { UidValidity = 7, LastUid = 1000, LastDate = Date, Last = new MessageMark(1000, 5000, "QtaB86ExD000"), Recent = recent });
        }

        return state;
    }

    internal static PartitionState Settled(PartitionState state, string mailbox)
    {
        var cursor = state.Mailboxes[mailbox];
        var uid = cursor.LastUid + 1;
        return With(state, mailbox, cursor with { LastUid = uid, LastDate = Date.AddSeconds(uid), Last = new MessageMark(uid, uid, "QtaB86ExD000"), Recent = cursor.Recent.Add(Identity($"{mailbox} {uid}")) });
    }

    internal static void AssertSame(PartitionState expected, PartitionState actual, int seed) =>
        Assert.True(RecordText.Whole(expected).SequenceEqual(RecordText.Whole(actual)), $"Seed {seed}: what is read is not what was written.");

    private static PartitionState Changed(PartitionState state, Random random)
    {
        var mailbox = $"user{random.Next(14)}@host/INBOX";
        var cursor = state.Mailboxes.GetValueOrDefault(mailbox);
        return random.Next(40) switch
        {
            0 => state with { Mailboxes = state.Mailboxes.Remove(mailbox), Apart = state.Apart.Add(random.Next(100)) },
            1 => state with { Epoch = state.Epoch + 1 },
            // Numbered anew, with a history of its own or of none.
            2 => With(state, mailbox, new MailboxCursor { UidValidity = (uint)random.Next(), LastUid = 3, Recent = RecentMessages.Of([Identity("a"), Identity("b")]) }),
            3 => With(state, mailbox, new MailboxCursor { UidValidity = (uint)random.Next(), LastUid = 0 }),
            4 => With(state, mailbox, (cursor ?? new MailboxCursor { UidValidity = 1, LastUid = 9 }) with { Gaps = [new UidGap(2, 3, Date)], Probe = new UidGap(1, 1, Date) }),
            5 when cursor is not null => With(state, mailbox, cursor with { Recent = cursor.Recent.Add(Enumerable.Repeat(Identity("many"), random.Next(2 * RecentMessages.Most))) }),
            6 => state,
            _ => cursor is null ? With(state, mailbox, new MailboxCursor { UidValidity = 7, LastUid = 0 }) : Settled(state, mailbox),
        };
    }

    private static PartitionState With(PartitionState state, string mailbox, MailboxCursor cursor) => state with { Mailboxes = state.Mailboxes.SetItem(mailbox, cursor) };

    private static string Identity(string text) => MessageIdentity.Of(text, 1, Date);

    private static byte[] Version(string version) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Ownership", "Records", $"version-{version}.json"));

    /// <summary>A store of segments, as a blob has them.</summary>
    private sealed class Record
    {
        private readonly List<byte[]> _texts = [];
        private RecordSegments _segments = RecordSegments.Unknown;

        public long Bytes { get; private set; }

        public int Most { get; private set; }

        public int Segments => _texts.Count;

        public int Length => _texts.Sum(text => text.Length);

        public void Write(PartitionState state)
        {
            var write = _segments.Next(state);
            _texts.RemoveRange(write.Kept, _texts.Count - write.Kept);
            _texts.Add(write.Text);
            Bytes += write.Text.Length;
            Most = Math.Max(Most, _texts.Count);
            _segments = write.After;
            Assert.Equal(_segments.Count, _texts.Count);
        }

        public void Forget() => _segments = RecordSegments.Unknown;

        public PartitionState Read() => PartitionJson.Read(_texts.SelectMany(text => text).ToArray(), out var problem) is { } state && problem is null ? state : throw new InvalidOperationException(problem);
    }
}
