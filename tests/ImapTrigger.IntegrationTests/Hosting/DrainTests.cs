using System.Globalization;
using ImapTrigger.Testing;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>A host that drains (it is scaled in, or replaced) stops its listeners and lets what runs finish; any other stop tells it to end.</summary>
public sealed class DrainTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_is_told_to_end_by_a_stop_and_not_by_a_drain(bool drains)
    {
        await using var server = ImapTestServer.Start();
        var account = server.AddAccount("ann", "secret");
        var state = Directory.CreateTempSubdirectory("imaptrigger-state-");
        var call = new Call();
        await using (var app = await FunctionApp.StartAsync(typeof(Functions), call, Settings(server, state)))
        {
            await app.WatchingAsync();
            account.Inbox.Append("Subject: runs\r\n\r\nHi\r\n");
            var token = await call.Began.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            var ending = drains ? app.DrainAsync() : app.StopAsync();
            // Said when it has been decided whether calls are told.
            await app.Logs.WaitForAsync(210);
            var told = token.IsCancellationRequested;
            call.Ends.SetResult();
            Assert.Equal(!drains, told);
            await ending;
        }

        state.Delete(recursive: true);
    }

    private static IEnumerable<KeyValuePair<string, string?>> Settings(ImapTestServer server, DirectoryInfo state) =>
    [
        new("Imap:host", "127.0.0.1"), new("Imap:port", server.Port.ToString(CultureInfo.InvariantCulture)), new("Imap:security", "none"), new("Imap:userName", "ann"), new("Imap:password", "secret"),
        new("AzureWebJobs:extensions:imapIdle:localStatePath", state.FullName),
    ];

    private sealed class Call
    {
        public TaskCompletionSource<CancellationToken> Began { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Ends { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Functions(Call call)
    {
        public async Task OnMail([ImapIdleTrigger] ImapEvent mail, CancellationToken cancellationToken)
        {
            call.Began.TrySetResult(cancellationToken);
            await call.Ends.Task;
        }
    }
}
