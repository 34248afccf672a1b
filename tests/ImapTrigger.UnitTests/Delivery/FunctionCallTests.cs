using ImapTrigger.Delivery;
using Microsoft.Azure.WebJobs.Host.Executors;

namespace ImapTrigger.UnitTests.Delivery;

public sealed class FunctionCallTests : IDisposable
{
    private readonly DeliveryDesk _desk = new();

    [Theory]
    [InlineData("success", nameof(CallOutcome.Succeeded))]
    [InlineData("failure", nameof(CallOutcome.Failed))]
    [InlineData("nothing", nameof(CallOutcome.Failed))]
    [InlineData("throws", nameof(CallOutcome.Failed))]
    [InlineData("gone", nameof(CallOutcome.MessageGone))]
    [InlineData("watch ended", nameof(CallOutcome.Abandoned))]
    public async Task What_the_host_answers_is_one_of_four_ends(string answer, string outcome)
    {
        _desk.Function = (_, _) => answer switch
        {
            "success" => Task.FromResult(new FunctionResult(true)),
            "failure" => Task.FromResult(new FunctionResult(new IOException("No."))),
            "nothing" => Task.FromResult<FunctionResult>(null!),
            "throws" => throw new IOException("No."),
            "gone" => Task.FromResult(new FunctionResult(new IOException("No.", new MessageGoneException(DeliveryDesk.Message(1))))),
            _ => Task.FromResult(new FunctionResult(new IOException("No.", new WatchEndedException()))),
        };
        var result = await CallAsync();
        Assert.Equal(outcome, result.Outcome.ToString());
        if (answer is "failure" or "throws")
            Assert.IsType<IOException>(result.Exception);
    }

    [Fact]
    public async Task The_host_is_told_of_which_message_it_is()
    {
        TriggeredFunctionData? told = null;
        ImapDelivery? beginning = null;
        _desk.Function = (data, _) =>
        {
            (told, beginning) = (data, FunctionCall.Beginning.Value);
            return Task.FromResult(new FunctionResult(true));
        };
        await CallAsync();
        Assert.Equal(new Dictionary<string, string> { ["Account"] = "ann", ["Folder"] = "INBOX", ["Uid"] = "4711", ["Attempt"] = "2" }, told!.TriggerDetails);
        Assert.Equal(4711u, beginning!.Event.Uid);
        Assert.Equal(4711u, ((ImapDelivery)told.TriggerValue).Event.Uid);
    }

    [Fact]
    public async Task A_failure_after_it_was_told_to_end_is_ours_and_a_success_is_its_own()
    {
        using var cancelling = new CancellationTokenSource();
        _desk.Tokens = new CallTokens(cancelling.Token, CancellationToken.None);
        _desk.Function = async (_, token) =>
        {
            await cancelling.CancelAsync();
            return new FunctionResult(!token.IsCancellationRequested);
        };
        Assert.Equal(CallOutcome.Abandoned, (await CallAsync()).Outcome);
        _desk.Function = (_, _) => Task.FromResult(new FunctionResult(true));
        Assert.Equal(CallOutcome.Succeeded, (await CallAsync()).Outcome);
    }

    [Fact]
    public async Task A_call_that_does_not_end_is_abandoned_and_that_is_said()
    {
        using var abandoning = new CancellationTokenSource();
        _desk.Tokens = new CallTokens(CancellationToken.None, abandoning.Token);
        var endless = new TaskCompletionSource<FunctionResult>();
        var begun = new TaskCompletionSource();
        _desk.Function = (_, _) =>
        {
            begun.SetResult();
            return endless.Task;
        };
        var call = CallAsync();
        await begun.Task;
        _desk.Time.Advance(TimeSpan.FromSeconds(40));
        await abandoning.CancelAsync();
        Assert.Equal(CallOutcome.Abandoned, (await call).Outcome);
        var line = Assert.Single(_desk.Log.All, line => line.EventId == 410);
        Assert.Contains("message 4711 of m has not ended 40 s after it began", line.Text, StringComparison.Ordinal);
        // It is forgotten: nobody says again that it runs long.
        _desk.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, _desk.Log.CountOf(409));
    }

    [Fact]
    public async Task A_call_that_has_ended_does_not_run_long()
    {
        await CallAsync();
        _desk.Time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(_desk.Log.All);
    }

    public void Dispose() => _desk.Dispose();

    private Task<CallResult> CallAsync()
    {
        var message = DeliveryDesk.Message(4711) with { Attempt = 2 };
        return _desk.NewCall().InvokeAsync("m", new ImapDelivery(message, new CursorRecord(message, careful: false, _desk.Cursor, _desk, _desk, _ => { })));
    }
}
