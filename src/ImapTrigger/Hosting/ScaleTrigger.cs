using ImapTrigger.Connections;
using ImapTrigger.Listening;
using ImapTrigger.Ownership;
using ImapTrigger.Scaling;
using Microsoft.Azure.WebJobs;
using Microsoft.Azure.WebJobs.Host;
using Microsoft.Azure.WebJobs.Host.Scale;
using Microsoft.Extensions.Options;

namespace ImapTrigger.Hosting;

/// <summary>The scalers of a function that is known by its metadata alone, as a scale host has it: no listener, no network.</summary>
internal sealed class ScaleTrigger(
    TriggerMetadata metadata, ImapAccounts accounts, INameResolver names, IPartitionStores stores, IOptions<ImapIdleOptions> options, TimeProvider time)
    : IScaleMonitorProvider, ITargetScalerProvider
{
    private readonly Lazy<ImapIdleScalerProvider> _provider = new(() =>
    {
        var sources = MailboxSource.Of(accounts.Find(Value("connection") ?? "Imap", metadata.FunctionName), Value("folder") ?? "INBOX");
        var rule = ScaleRule.For([.. sources.Select(source => source.Partition)], options.Value.MailboxesPerInstance);
        var state = stores.ForAsync(metadata.FunctionName, Value("stateName"), CancellationToken.None).GetAwaiter().GetResult();
        return new ImapIdleScalerProvider(metadata.FunctionName, rule, state.Partitions, time);

        string? Value(string name) => (string?)metadata.Metadata.GetValue(name, StringComparison.OrdinalIgnoreCase) is { } value ? names.ResolveWholeString(value) : null;
    });

    public IScaleMonitor GetMonitor() => _provider.Value.GetMonitor();

    public ITargetScaler GetTargetScaler() => _provider.Value.GetTargetScaler();
}
