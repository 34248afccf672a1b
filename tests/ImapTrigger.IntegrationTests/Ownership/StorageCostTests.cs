using System.Collections.Concurrent;
using System.Globalization;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using ImapTrigger.IntegrationTests.Servers;
using ImapTrigger.Ownership;
using ImapTrigger.Ownership.Blobs;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImapTrigger.IntegrationTests.Ownership;

/// <summary>What mailboxes cost in the storage, counted in the storage's own log; the output has the figures of docs/scaling.md.</summary>
public sealed class StorageCostTests : IAsyncLifetime
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);
    private readonly AzuriteServer _azurite = new() { Logs = true };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _azurite.InitializeAsync();

    public ValueTask DisposeAsync() => _azurite.DisposeAsync();

    [Fact]
    public async Task Idle_mailboxes_cost_few_operations()
    {
        var (counts, most) = (new[] { 1, 100, 1000, 10_000 }, new[] { 340, 3940, 14_940, 14_940 });
        var instances = counts.Select(count => new Instance(_azurite, count, history: 0)).ToArray();
        await Task.WhenAll(instances.Select(instance => instance.AllWatched));
        // Two rounds of renewals, with the first of which leases become endless.
        await Task.Delay(LeaseTiming.Default.Renew * 2, Token);
        var before = _azurite.Requests.Count;
        await Task.Delay(Window, Token);
        var requests = _azurite.Requests.Skip(before).ToArray();
        for (var i = 0; i < counts.Length; i++)
        {
            var ofInstance = requests.Where(request => request.Contains(instances[i].Container, StringComparison.Ordinal)).ToArray();
            var hour = ofInstance.GroupBy(KindOf).ToDictionary(kind => kind.Key, kind => (int)(kind.Count() * 3600 / Window.TotalSeconds));
            Tell($"{counts[i]} mailboxes, an hour: {hour.Values.Sum()} ({string.Join(", ", hour.Select(kind => $"{kind.Key} {kind.Value}"))}), and 60 looks for replays");
            Assert.InRange(hour.Values.Sum(), 1, most[i]);
        }

        foreach (var instance in instances)
            await instance.DisposeAsync();
    }

    [Fact]
    public async Task A_message_costs_few_bytes_beside_a_thousand_mailboxes_with_all_their_history()
    {
        const int Messages = 1200;
        await using var instance = new Instance(_azurite, 1000, RecentMessages.Most);
        await instance.AllWatched;
        var (random, before, bytes) = (new Random(3), _azurite.Requests.Count, instance.Bytes);
        for (var i = 0; i < Messages; i++)
        {
            instance.Settle(random.Next(1000));
            if (i % 4 == 3)
                await Task.Delay(100, Token);
        }

        await instance.FlushAsync();
        var writes = _azurite.Requests.Skip(before).Where(request => KindOf(request) is "write" or "block").ToArray();
        var perMessage = (instance.Bytes - bytes) / Messages;
        Tell(string.Create(CultureInfo.InvariantCulture, $"40 messages a second: {perMessage} bytes and {writes.Length / (double)Messages:0.00} operations a message"));
        Assert.InRange(perMessage, 1, 2000);
    }

    private static string KindOf(string request) =>
        request.Contains("comp=list", StringComparison.Ordinal) && !request.Contains("comp=blocklist", StringComparison.Ordinal) ? "look"
        : request.Contains("comp=lease", StringComparison.Ordinal) ? "renew"
        : request.Contains("instance-", StringComparison.Ordinal) ? "presence"
        : request.Contains("comp=block&", StringComparison.Ordinal) ? "block"
        : request.Contains("PUT ", StringComparison.Ordinal) ? "write" : "other";

    private static void Tell(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);

    /// <summary>An instance of an app without mail servers: mailboxes are known as soon as their partition is ours.</summary>
    private sealed class Instance : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stopping = new();
        private readonly ConcurrentDictionary<string, PartitionLease> _watched = new();
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly string[] _names;
        private readonly int _history;
        private readonly Sizes _sizes = new();
        private readonly Task _running;

        public Instance(AzuriteServer azurite, int mailboxes, int history)
        {
            _history = history;
            _names = [.. Enumerable.Range(0, mailboxes).Select(i => $"user{i}@example.org@imap.example.org/INBOX")];
            var options = new BlobClientOptions();
            options.AddPolicy(_sizes, HttpPipelinePosition.PerCall);
            var store = new BlobPartitionStore(new BlobServiceClient(azurite.ConnectionString, options).GetBlobContainerClient(Container), "app/f", TimeProvider.System);
            _running = new PartitionOwner(
                store, _names.DistinctBy(PartitionMap.OwnPartitionOf).ToDictionary(PartitionMap.OwnPartitionOf), WorkAsync, new OwnerContext("f", LeaseTiming.Default, TimeProvider.System, NullLogger.Instance)).RunAsync(_stopping.Token);
        }

        public string Container { get; } = $"c{Guid.NewGuid():N}";

        public Task AllWatched => _all.Task;

        public long Bytes => _sizes.Sum;

        public void Settle(int mailbox)
        {
            var (name, lease) = (_names[mailbox], _watched[_names[mailbox]]);
            var cursor = lease.CursorOf(name)!;
            var uid = cursor.LastUid + 1;
            lease.Put(name, cursor with { LastUid = uid, LastDate = DateTimeOffset.UtcNow, Last = new MessageMark(uid, 5000, "QtaB86ExD000"), Recent = cursor.Recent.Add(MessageIdentity.Of($"{name} {uid}", 1, null)) });
        }

        public Task FlushAsync() => Task.WhenAll(_watched.Values.Distinct().Select(lease => lease.FlushAsync(Token)));

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await _running;
            _stopping.Dispose();
        }

        private async Task WorkAsync(int partition, PartitionLease lease, CancellationToken ending)
        {
            foreach (var name in _names.Where(name => lease.Watched.Contains(PartitionMap.OwnPartitionOf(name))))
            {
                lease.Put(name, new MailboxCursor { UidValidity = 1, LastUid = 1000, Recent = RecentMessages.Of(Enumerable.Range(0, _history).Select(i => MessageIdentity.Of($"{name} {i}", 1, null))) });
                _watched[name] = lease;
            }

            await lease.FlushAsync(ending);
            if (_watched.Count == _names.Length)
                _all.TrySetResult();
            await Task.Delay(Timeout.Infinite, ending).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>Sums up the bodies of requests.</summary>
    private sealed class Sizes : HttpPipelinePolicy
    {
        private long _sum;

        public long Sum => Interlocked.Read(ref _sum);

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException();

        public override ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            if (message.Request.Content?.TryComputeLength(out var length) == true)
                Interlocked.Add(ref _sum, length);
            return ProcessNextAsync(message, pipeline);
        }
    }
}
