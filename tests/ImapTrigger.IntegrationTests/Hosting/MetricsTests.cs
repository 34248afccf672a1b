using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ImapTrigger.Diagnostics;
using ImapTrigger.Hosting;
using ImapTrigger.IntegrationTests.Faults;
using ImapTrigger.IntegrationTests.Servers;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.IntegrationTests.Hosting;

public sealed class MetricsTests : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentBag<Instrument> _instruments = [];
    private readonly ConcurrentQueue<(string Name, double Value, string Tags)> _measured = new();

    public MetricsTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != Metrics.MeterName)
                return;
            _instruments.Add(instrument);
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _listener.Start();
    }

    [Fact]
    public void The_page_lists_every_metric_with_its_unit_and_description()
    {
        _ = Metrics.Deliveries;
        var rows = File.ReadLines(Path.Combine(Repository.Root, "docs/metrics.md")).Where(line => line.StartsWith("| `imap_trigger.", StringComparison.Ordinal) || line.StartsWith("| `messaging.", StringComparison.Ordinal)).Order();
        Assert.Equal(_instruments.Select(instrument => $"| `{instrument.Name}` | `{instrument.Unit}` | {instrument.Description} |").Order(), rows);
    }

    [Fact]
    public async Task A_delivery_is_measured_and_a_mailbox_that_nobody_looks_at_shows()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using (var mailbox = await WatchedMailbox.StartAsync(time: time))
        {
            mailbox.Append("one");
            await mailbox.Logs.WaitForAsync(408);
            Assert.Contains(_measured, entry => entry is { Name: "imap_trigger.deliveries", Value: 1 } && entry.Tags.Contains("outcome=succeeded", StringComparison.Ordinal));
            Assert.Contains(_measured, entry => entry.Name == "imap_trigger.delivery.lag" && entry.Value is >= 0 and < 60);
            Assert.Contains(_measured, entry => entry.Name == "messaging.process.duration" && entry.Tags.EndsWith("messaging.system=imap,messaging.operation.name=process,messaging.destination.name=INBOX", StringComparison.Ordinal));
            // Others' may be among them: a meter is the process's.
            _listener.RecordObservableInstruments();
            Assert.Contains(_measured, entry => entry is { Name: "imap_trigger.mailboxes", Value: >= 1, Tags: "mode=idle" });
            Assert.Contains(_measured, entry => entry is { Name: "imap_trigger.partitions", Value: >= 1 } && entry.Tags.Contains("OnMail", StringComparison.Ordinal));

            // Half-open: it looks alive, and only this shows.
            mailbox.Faults.Freeze();
            mailbox.Faults.RefuseLogin = "[AUTHENTICATIONFAILED] no";
            await time.PassAsync(TimeSpan.FromMinutes(20));
            _measured.Clear();
            _listener.RecordObservableInstruments();
            Assert.Contains(_measured, entry => entry.Name == "imap_trigger.unverified" && entry.Value > 18 * 60);

            var check = new ImapIdleHealthCheck(Options.Create(new ImapIdleOptions()));
            var context = new HealthCheckContext { Registration = new HealthCheckRegistration("imap", check, HealthStatus.Unhealthy, tags: null) };
            var result = await check.CheckHealthAsync(context, TestContext.Current.CancellationToken);
            Assert.Equal(HealthStatus.Unhealthy, result.Status);
            Assert.Contains("312", result.Description, StringComparison.Ordinal);
            // It says what the last attempt said.
            var before = mailbox.Logs.Entries.TakeWhile(entry => entry.EventId != 312).Last(entry => entry.EventId == 305).Text;
            var problem = before[(before.IndexOf("INBOX: ", StringComparison.Ordinal) + "INBOX: ".Length)..before.IndexOf(" Next attempt", StringComparison.Ordinal)];
            Assert.Contains(mailbox.Logs.Entries, entry => entry is { EventId: 312, Level: LogLevel.Error } && entry.Text.Contains(problem, StringComparison.Ordinal));

            mailbox.Faults.RefuseLogin = null;
            await time.PassUntilAsync(() => mailbox.Logs.Has(313), "a look");
        }
    }

    [Fact]
    public async Task A_failed_call_and_its_repetition_are_counted_with_the_type_of_the_error()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var mailbox = await WatchedMailbox.StartAsync(time: time);
        mailbox.Inbox.Fails = mail => mail.Attempt == 1;
        mailbox.Append("twice");
        await time.PassUntilAsync(() => mailbox.Logs.Has(408), "a second call");
        Assert.Contains(_measured, entry => entry is { Name: "imap_trigger.retries", Value: 1 });
        Assert.Contains(_measured, entry => entry.Name == "messaging.process.duration" && entry.Tags.EndsWith($"error.type={typeof(InvalidOperationException).FullName}", StringComparison.Ordinal));
    }

    public void Dispose() => _listener.Dispose();

    private void Measured(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measured.Enqueue((instrument.Name, value, string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
}
