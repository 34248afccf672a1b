using Azure.Storage.Blobs;
using ImapTrigger.IntegrationTests.Servers;
using ImapTrigger.Ownership;
using ImapTrigger.Ownership.Blobs;
using Microsoft.Azure.WebJobs.Host.Scale;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Newtonsoft.Json.Linq;

namespace ImapTrigger.IntegrationTests.Scaling;

/// <summary>A host that only scales: it knows the trigger's metadata, has no listener, and the IMAP server need not be there.</summary>
public sealed class ScaleHostTests(AzuriteServer azurite) : IClassFixture<AzuriteServer>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2500, 2)]
    [InlineData(2500, 2, "Orders")]
    public async Task The_target_is_voted_without_a_listener_and_without_the_mail_server(int open, int target, string? stateName = null)
    {
        var name = $"app{open}{stateName}";
        var store = new BlobPartitionStore(new BlobContainerClient(azurite.ConnectionString, "imap-trigger"), StateKey.Of(name, stateName ?? "OnMail"), TimeProvider.System);
        var lease = Guid.NewGuid();
        await store.AcquireAsync(0, lease, Token);
        var cursor = new MailboxCursor { UidValidity = 1, LastUid = (uint)open, Open = Enumerable.Range(1, open).Aggregate(new MailboxCursor { UidValidity = 1, LastUid = 0 }.Open, (all, uid) => all.Add((uint)uid, new OpenMessage())) };
        await store.WriteAsync(0, lease, PartitionState.Empty with { Mailboxes = PartitionState.Empty.Mailboxes.Add("m", cursor) }, Token);

        using var host = Host(name, azurite.ConnectionString, stateName);
        Assert.Equal(target, await TargetAsync(host));
        var monitor = host.Services.GetServices<IScaleMonitorProvider>().Single().GetMonitor();
        Assert.Equal("OnMail", monitor.Descriptor.FunctionId);
        Assert.Equal(open, ((ImapTrigger.Scaling.ImapIdleScaleMetrics)await monitor.GetMetricsAsync()).Open);
    }

    [Fact]
    public async Task With_the_storage_away_one_instance_is_voted_for()
    {
        using var host = Host("app", azurite.ConnectionStringAt(FreePort.Find(1)[0]));
        Assert.Equal(1, await TargetAsync(host));
    }

    private static async Task<int> TargetAsync(IHost host)
    {
        var scaler = host.Services.GetServices<ITargetScalerProvider>().Single().GetTargetScaler();
        Assert.Equal("OnMail", scaler.TargetScalerDescriptor.FunctionId);
        return (await scaler.GetScaleResultAsync(new TargetScalerContext())).TargetWorkerCount;
    }

    private static IHost Host(string app, string storage, string? stateName = null)
    {
        var trigger = JObject.Parse("{\"functionName\":\"OnMail\",\"type\":\"imapIdleTrigger\",\"name\":\"mail\",\"folder\":\"%FOLDER%\",\"connection\":\"Imap\"}");
        if (stateName is not null)
            trigger["stateName"] = "%STATE%";
        var metadata = new TriggerMetadata(trigger);
        return new HostBuilder()
            .ConfigureAppConfiguration(configuration => configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Imap:0"] = "imaps://a:secret@nowhere.example.org", ["Imap:1"] = "imaps://b:secret@nowhere.example.org", ["FOLDER"] = "INBOX",
                ["AzureWebJobsStorage"] = storage, ["AzureWebJobs:extensions:imapIdle:stateName"] = app, ["STATE"] = stateName,
            }))
            .ConfigureWebJobsScale((_, builder) => builder.AddImapIdleScaleForTrigger(metadata), scale => scale.IsTargetScalingEnabled = true)
            .Build();
    }
}
