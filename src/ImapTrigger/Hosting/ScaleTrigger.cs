using ImapTrigger.Listening;
using ImapTrigger.Mailboxes;
using ImapTrigger.Ownership;
using ImapTrigger.Scaling;
using Microsoft.Azure.WebJobs;
using Microsoft.Azure.WebJobs.Host;
using Microsoft.Azure.WebJobs.Host.Scale;
using Microsoft.Extensions.Options;

namespace ImapTrigger.Hosting;

/// <summary>The scalers of a function that is known by its metadata alone, as a scale host has it: no listener, no network.</summary>
internal sealed class ScaleTrigger(
    TriggerMetadata metadata, MailboxSets sets, INameResolver names, IPartitionStores stores, IOptions<ImapIdleOptions> options, TimeProvider time)
    : IScaleMonitorProvider, ITargetScalerProvider
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lazy<ImapIdleScalerProvider> _provider = new(() =>
    {
        var set = sets.Find(Value("connection") ?? "Imap", metadata.FunctionName);
        var folder = Value("folder") ?? "INBOX";
        var last = RuleOf(set.Known);
        var state = stores.ForAsync(metadata.FunctionName, Value("stateName"), CancellationToken.None).GetAwaiter().GetResult();
        return new ImapIdleScalerProvider(metadata.FunctionName, async token => last = await NowAsync(set.Source, time, token) is { } list ? RuleOf(list) : last, state.Partitions, time);

        ScaleRule RuleOf(IEnumerable<ImapMailbox> mailboxes) =>
            ScaleRule.For([.. MailboxSource.Of(mailboxes, folder).DistinctBy(source => source.Key).Select(source => source.Partition)], options.Value.MailboxesPerInstance);

        string? Value(string name) => (string?)metadata.Metadata.GetValue(name, StringComparison.OrdinalIgnoreCase) is { } value ? names.ResolveWholeString(value) : null;
    });

    public IScaleMonitor GetMonitor() => _provider.Value.GetMonitor();

    public ITargetScaler GetTargetScaler() => _provider.Value.GetTargetScaler();

    /// <summary>The list as it is now; null when the source does not say so in time.</summary>
    private static async Task<IReadOnlyCollection<ImapMailbox>?> NowAsync(IImapMailboxSource source, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await foreach (var list in source.ReadAsync(either.Token).WithCancellation(either.Token))
                return list;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // A vote must not wait for a storage that is away.
        }

        return null;
    }
}
