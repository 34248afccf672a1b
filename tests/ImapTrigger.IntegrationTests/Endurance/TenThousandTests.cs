using System.Globalization;
using System.Numerics;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.IntegrationTests.Servers;
using ImapTrigger.Supervision;

namespace ImapTrigger.IntegrationTests.Endurance;

public sealed class TenThousandTests(InProcessServer server) : IClassFixture<InProcessServer>, IDisposable
{
    private const int Messages = 10_000;
    private const int MaxAttempts = 5;
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");

    [Fact]
    public async Task Of_ten_thousand_with_a_function_that_fails_at_three_in_ten_every_one_is_settled()
    {
        var inbox = new Inbox<ImapEvent> { Fails = Fails };
        await using var app = await (await FunctionApp.StartAsync(
            typeof(Functions),
            inbox,
            [.. server.Settings("many"), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName)],
            options => (options.MaxConcurrentCalls, options.MaxAttempts) = (20, MaxAttempts),
            new Backoff(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(200)))).WatchingAsync();
        await server.DeliverAsync("many", Enumerable.Range(1, Messages).Select(i => OddMessages.Plain($"m{i}")));
        await app.Logs.WaitForAsync(408, Messages);

        var calls = inbox.Got.ToLookup(mail => mail.Uid, mail => mail.Attempt);
        Assert.Equal(Messages, calls.Count);
        var poisoned = 0;
        foreach (var message in calls)
        {
            var wanted = Enumerable.Range(1, MaxAttempts).TakeWhile(attempt => attempt == 1 || Fails(message.Key, attempt - 1)).ToArray();
            Assert.Equal(wanted, message);
            poisoned += Fails(message.Key, wanted[^1]) ? 1 : 0;
        }

        Assert.Equal(poisoned, _state.GetFiles("*.eml", SearchOption.AllDirectories).Length);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{inbox.Got.Count} calls, {poisoned} poisoned."));
        Assert.InRange(poisoned, 1, 100);
    }

    public void Dispose() => _state.Delete(recursive: true);

    private static bool Fails(ImapEvent mail) => Fails(mail.Uid, mail.Attempt);

    /// <summary>Three in ten, the same each time.</summary>
    private static bool Fails(uint uid, int attempt) =>
        (BitOperations.RotateLeft((uid * 2654435761) ^ ((uint)attempt * 2246822519), 13) * 3266489917 >> 8) % 10 < 3;

    private sealed class Functions(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);
    }
}
