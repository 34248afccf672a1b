using ImapTrigger.Ownership;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Ownership;

/// <summary>Whatever a store does is an answer, in time.</summary>
public sealed class StoreCallTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task An_answer_is_handed_on_with_its_value_and_reason()
    {
        Assert.Equal(new StoreAnswer(StoreOutcome.Busy, "taken"), await AskAsync(_ => Task.FromResult(new StoreAnswer(StoreOutcome.Busy, "taken"))));
        Assert.Equal(new StoreAnswer<string>(StoreOutcome.Done, "value", "why"), await AskAsync(_ => Task.FromResult(new StoreAnswer<string>(StoreOutcome.Done, "value", "why"))));
        // What did not succeed has no value, whatever came with it.
        Assert.Equal(new StoreAnswer<string>(StoreOutcome.Lost, null, "why"), await AskAsync(_ => Task.FromResult(new StoreAnswer<string>(StoreOutcome.Lost, "value", "why"))));
    }

    [Fact]
    public async Task What_is_thrown_is_told_by_type_and_text() => Assert.Equal(
        new StoreAnswer(StoreOutcome.Unreachable, "FormatException: No."), await AskAsync(Task<StoreAnswer> (_) => throw new FormatException("No.")));

    [Fact]
    public async Task A_store_that_heeds_no_token_holds_nobody()
    {
        var asking = AskAsync(_ => new TaskCompletionSource<StoreAnswer>().Task);
        _time.Advance(Limit - TimeSpan.FromSeconds(1));
        Assert.False(asking.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new StoreAnswer(StoreOutcome.Unreachable, "no answer within 5 s; look there"), await asking);
    }

    /// <summary>What is done is done: who gave up meanwhile learns of it all the same.</summary>
    [Fact]
    public async Task Who_gives_up_gets_no_answer_but_a_success()
    {
        using var giving = new CancellationTokenSource();
        var asking = StoreCall.AnswerAsync(_ => new TaskCompletionSource<StoreAnswer>().Task, Limit, "; look there", _time, giving.Token);
        await giving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => StoreCall.AnswerAsync(_ => Task.FromResult(new StoreAnswer(StoreOutcome.Busy)), Limit, "; look there", _time, giving.Token));
        Assert.Equal(StoreAnswer.Done, await StoreCall.AnswerAsync(_ => Task.FromResult(StoreAnswer.Done), Limit, "; look there", _time, giving.Token));
    }

    private Task<StoreAnswer> AskAsync(Func<CancellationToken, Task<StoreAnswer>> call) => StoreCall.AnswerAsync(call, Limit, "; look there", _time, TestContext.Current.CancellationToken);

    private Task<StoreAnswer<string>> AskAsync(Func<CancellationToken, Task<StoreAnswer<string>>> call) => StoreCall.AnswerAsync(call, Limit, "; look there", _time, TestContext.Current.CancellationToken);
}
