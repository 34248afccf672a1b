using System.Collections.Concurrent;
using System.Diagnostics;
using ImapTrigger.Diagnostics;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Hosting;

public sealed class TracingTests : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public TracingTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Tracing.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    [Fact]
    public async Task A_call_is_a_trace_of_its_own_that_the_function_runs_in()
    {
        await using var server = new InProcessServer();
        var inbox = new Inbox<ActivityTraceId>();
        // What is current when the host starts must not become the parent of all that follows.
        using var start = new Activity("start").Start();
        await using var app = await FunctionApp.StartAsync(
            typeof(Functions), inbox, [.. server.Settings("traced"), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName)]);
        await app.WatchingAsync();
        start.Stop();
        await server.DeliverAsync("traced", [OddMessages.Plain("traced")]);
        var trace = Assert.Single(await inbox.WaitForAsync(1));
        await app.Logs.WaitForAsync(408);

        var process = Assert.Single(_ended, activity => activity.TraceId == trace);
        Assert.Equal(("process INBOX", ActivityKind.Consumer, null), (process.DisplayName, process.Kind, process.ParentId));
        Assert.Equal(
            ("imap", "process", "traced@example.org", 1L, 1),
            (process.GetTagItem("messaging.system"), process.GetTagItem("messaging.operation.type"), process.GetTagItem("messaging.message.id"), process.GetTagItem("imap_trigger.uid"), process.GetTagItem("imap_trigger.attempt")));
        Assert.Contains(_ended, activity => activity is { DisplayName: "receive INBOX", ParentId: null } && activity.GetTagItem("messaging.batch.message_count") is 1);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _state.Delete(recursive: true);
    }

    private sealed class Functions(Inbox<ActivityTraceId> inbox)
    {
        public void OnMail([ImapIdleTrigger] ImapEvent mail) => inbox.Add(Activity.Current?.TraceId ?? default);
    }
}
