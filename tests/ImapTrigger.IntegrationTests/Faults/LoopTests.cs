using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.IntegrationTests.Servers;
using ImapTrigger.Ownership;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>Every long-lived loop is killed by an exception from below, in a host that runs, and comes back: said, counted, and with nothing lost.</summary>
public sealed partial class LoopTests(InProcessServer server) : IClassFixture<InProcessServer>, IDisposable
{
    private readonly string _user = $"user-{Guid.NewGuid():N}";
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");
    private readonly Inbox<ImapEvent> _inbox = new();

    /// <summary>What the line says, where the clock fails, the line.</summary>
    public static TheoryData<string, string, int> Loops => new()
    {
        { "striving for partitions", "PartitionOwner.StriveAsync(", 206 },
        { "listing the mailboxes", "MailboxRoster.FollowAsync(", 206 },
        { "renewing partition", "PartitionLease.RenewAsync(", 206 },
        { "writing partition", "StateWriter.WaitAsync(", 206 },
        { "working on partition", "CallPatience..ctor(", 206 },
        { "watching", "MailboxWatch.RunAsync(", 206 },
        // In an attempt, and once more in the pause after it.
        { "delivering from", "EventDelivery.RunToTheEndAsync(", 206 },
        { "replaying poisoned messages", "ReplayLoop.RunAsync(", 206 },
        { "replaying to", "ReplayLoop.TakeAsync(", 206 },
        // The session ends with its IDLE, and a delivery with the attempt.
        { "", "IdleCommand.EndAsync(", 305 },
        { "message 1", "EventDelivery.CallAsync(", 407 },
    };

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task A_loop_that_is_killed_comes_back(string loop, string method, int eventId)
    {
        using var counted = new Counted("imap_trigger.loop_failures");
        var time = new FailingTime(method, loop == "delivering from" ? 2 : 1);
        // These ask once, at the beginning.
        if (loop.Split(' ')[0] is "listing" or "working" or "watching" or "replaying")
            time.Arm();
        if (loop == "replaying to")
            await WantReplayedAsync();
        await using var app = await (await FunctionApp.StartAsync(
            typeof(Functions), _inbox, Settings, options => (options.IdleRenewal, options.PollInterval) = (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1)), time: time)).WatchingAsync();
        time.Arm();
        await server.DeliverAsync(_user, [OddMessages.Plain("one")]);
        await app.Logs.WaitForAsync(eventId);
        Assert.Contains(app.Logs.Entries, entry => entry.EventId == eventId && entry.Level >= LogLevel.Warning && entry.Text.Contains(loop, StringComparison.Ordinal) && entry.Text.Contains("The clock has failed", StringComparison.Ordinal));
        if (eventId == 206)
            Assert.Contains(counted.Tags, tag => tag == loop.Split(' ')[0]);
        // A renewal is due in ten seconds, but the next look for a mailbox's replays in a minute (ReplayLoopTests).
        if (loop != "replaying to")
            await time.Again.WaitAsync(TimeSpan.FromMinutes(1.5), TestContext.Current.CancellationToken);
        await server.DeliverAsync(_user, [OddMessages.Plain("two")]);
        await _inbox.WaitUntilAsync(got => got.Any(mail => mail.Subject == "one") && got.Any(mail => mail.Subject == "two"));
        Assert.Equal(2, _inbox.Got.Count);
        Assert.DoesNotContain(app.Logs.Entries, entry => entry.EventId is 202 or 208);
    }

    [Fact]
    public void Every_supervised_loop_is_among_them()
    {
        var begun = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "ImapTrigger"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Supervised().Matches(File.ReadAllText(file)).Select(match => $"{match.Groups[1]} {match.Groups[2]}".Trim()))
            .ToArray();
        Assert.Equal(9, begun.Length);
        Assert.All(begun, loop => Assert.Contains(Loops, row => row.Data is (var name, _, 206) && $"{name} ".StartsWith($"{loop} ", StringComparison.Ordinal)));
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

    private KeyValuePair<string, string?>[] Settings =>
    [
        .. server.Settings(_user), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName), new("AzureWebJobs:extensions:imapIdle:stateName", "loops"),
    ];

    /// <summary>Each place where src begins a loop: what it does, and to what where that is in words.</summary>
    [GeneratedRegex("""upervisor\.RunAsync\("(\w+)", (?:\$?"(\w+))?""")]
    private static partial Regex Supervised();

    /// <summary>What is in it does not matter: the clock fails before it is read.</summary>
    private Task WantReplayedAsync()
    {
        var folder = Path.Combine(_state.FullName, "replay", "loops", "on-mail", PoisonRecord.Folder(PartitionMap.KeyOf(_user, server.Account(_user).Host, "INBOX")));
        Directory.CreateDirectory(folder);
        return File.WriteAllTextAsync(Path.Combine(folder, "1-1.json"), "{}", TestContext.Current.CancellationToken);
    }

    private sealed class Functions(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger(StateName = "on-mail")] ImapEvent mail) => inbox.Add(mail);
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
