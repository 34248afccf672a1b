using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.IntegrationTests.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>Every long-lived loop is killed by an exception from below, in a host that runs, and comes back: said, counted, and with nothing lost.</summary>
public sealed class LoopTests(InProcessServer server) : IClassFixture<InProcessServer>, IDisposable
{
    private readonly string _user = $"user-{Guid.NewGuid():N}";
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");
    private readonly Inbox<ImapEvent> _inbox = new();

    [Theory]
    [InlineData("striving for partitions", "PartitionOwner.StriveAsync(", 206)]
    [InlineData("renewing partition", "PartitionLease.RenewAsync(", 206)]
    [InlineData("writing partition", "StateWriter.WaitAsync(", 206)]
    [InlineData("working on partition", "ImapIdleListener.WatchMailboxAsync(", 206)]
    [InlineData("watching", "MailboxWatch.RunAsync(", 206)]
    [InlineData("replaying poisoned messages", "ReplayLoop.RunAsync(", 206)]
    // The session ends with its keeper, and a delivery with the attempt.
    [InlineData("", "ImapIdle.KeepAsync(", 305)]
    [InlineData("message 1", "EventDelivery.CallAsync(", 407)]
    public async Task A_loop_that_is_killed_comes_back(string loop, string method, int eventId)
    {
        using var counted = new Counted("imap_trigger.loop_failures");
        var time = new FailingTime(method);
        // These ask once, at the beginning.
        if (loop.Split(' ')[0] is "working" or "watching" or "replaying")
            time.Arm();
        await using var app = await (await FunctionApp.StartAsync(
            typeof(Functions), _inbox, Settings, options => (options.IdleRenewal, options.PollInterval) = (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1)), time: time)).WatchingAsync();
        time.Arm();
        await server.DeliverAsync(_user, [OddMessages.Plain("one")]);
        await app.Logs.WaitForAsync(eventId);
        Assert.Contains(app.Logs.Entries, entry => entry.EventId == eventId && entry.Level >= LogLevel.Warning && entry.Text.Contains(loop, StringComparison.Ordinal) && entry.Text.Contains("The clock has failed", StringComparison.Ordinal));
        if (eventId == 206)
            Assert.Contains(counted.Tags, tag => tag == loop.Split(' ')[0]);
        // A look for replays is due in a minute, and a renewal in ten seconds.
        if (!loop.StartsWith("replaying", StringComparison.Ordinal))
            await time.Again.WaitAsync(TimeSpan.FromMinutes(1.5), TestContext.Current.CancellationToken);
        await server.DeliverAsync(_user, [OddMessages.Plain("two")]);
        await _inbox.WaitUntilAsync(got => got.Any(mail => mail.Subject == "one") && got.Any(mail => mail.Subject == "two"));
        Assert.Equal(2, _inbox.Got.Count);
        Assert.DoesNotContain(app.Logs.Entries, entry => entry.EventId is 202 or 208);
    }

    [Fact]
    public async Task A_log_provider_that_throws_ends_nothing()
    {
        await using var app = await FunctionApp.StartAsync(typeof(Functions), _inbox, Settings, services: services => services.AddSingleton<ILoggerProvider, ThrowingLogger>());
        await app.Logs.WaitForAsync(300);
        await server.DeliverAsync(_user, [OddMessages.Plain("one")]);
        await _inbox.WaitForAsync(1);
        await app.StopAsync();
        Assert.True(app.Logs.Has(203));
    }

    public void Dispose() => _state.Delete(recursive: true);

    private KeyValuePair<string, string?>[] Settings => [.. server.Settings(_user), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName)];

    private sealed class Functions(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);
    }

    /// <summary>What a counter has counted, by its only tag.</summary>
    private sealed class Counted : IDisposable
    {
        private readonly MeterListener _listener = new();

        public Counted(string instrument)
        {
            _listener.InstrumentPublished = (published, listener) =>
            {
                if (published.Name == instrument)
                    listener.EnableMeasurementEvents(published);
            };
            _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
            {
                if (value > 0)
                    Tags.Add($"{tags[0].Value}");
            });
            _listener.Start();
        }

        public ConcurrentBag<string> Tags { get; } = [];

        public void Dispose() => _listener.Dispose();
    }

    private sealed class ThrowingLogger : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // Ours: what WebJobs makes of an exception of a logger is its own affair.
            if (eventId.Id is >= 100 and < 500)
                throw new IOException("The disk of the logs is full.");
        }

        public void Dispose()
        {
        }
    }
}
