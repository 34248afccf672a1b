using System.Globalization;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.Testing;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>A process that is killed between the call and the last of what its verdict says: it is carried out, each part once, and the function is not called again.</summary>
public sealed class VerdictCrashTests : IAsyncDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");
    private readonly ImapTestServer _server = ImapTestServer.Start(new ImapTestServerOptions());
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData("UID STORE")]
    [InlineData("UID COPY")]
    [InlineData("UID MOVE")]
    public async Task The_next_process_carries_the_verdict_out_and_does_not_call(string command)
    {
        var account = _server.AddAccount("ann", "secret");
        var (copies, moved) = (account.AddFolder("Copies"), account.AddFolder("Moved"));
        KeyValuePair<string, string?>[] settings =
        [
            new("Imap:host", _server.Host), new("Imap:port", _server.Port.ToString(CultureInfo.InvariantCulture)), new("Imap:security", "none"), new("Imap:userName", "ann"), new("Imap:password", "secret"),
            new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName), new("AzureWebJobs:extensions:imapIdle:stateName", "crash"), new("VERDICTS", "true"),
            new("Logging:LogLevel:Default", "Debug"),
        ];
        // It has been done, and its answer does not come.
        _server.Faults.Rewrite = (sent, text) => sent.Text.StartsWith(command, StringComparison.Ordinal) && _reached.TrySetResult() ? null : text;
        await using (var first = HostProcess.Start(settings))
        {
            await first.WaitForLogAsync(300);
            account.Inbox.Append(OddMessages.Plain("seen; copy:Copies; move:Moved"));
            await _reached.Task.WaitAsync(TestContext.Current.CancellationToken);
            await first.KillAsync();
            Assert.Single(first.Calls);
        }

        await using var second = HostProcess.Start(settings);
        await second.WaitForLogAsync(300);
        // In order, so what was begun before is behind it.
        account.Inbox.Append(OddMessages.Plain("done"));
        await second.WaitForAsync(() => second.Calls.Count == 1, "the next message");
        Assert.Equal("done", second.Calls[0].Subject);
        // 304 where the move had been done: there is nothing left of it to do.
        await second.WaitForAsync(() => second.Output.Lines.Count(line => line.EventId is 408 or 304) == 2, "both settled");
        Assert.Single(copies.Messages);
        Assert.Contains(@"\Seen", Assert.Single(moved.Messages).Flags);
        Assert.Equal(OddMessages.Plain("done"), Assert.Single(account.Inbox.Messages).Raw.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _state.Delete(recursive: true);
    }
}
