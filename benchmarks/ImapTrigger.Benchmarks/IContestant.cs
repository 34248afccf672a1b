using System.Diagnostics;
using ImapTrigger.Testing;

namespace ImapTrigger.Benchmarks;

/// <summary>Something that watches a mailbox.</summary>
internal interface IContestant : IAsyncDisposable
{
    string Name { get; }

    ImapTestFolder Inbox { get; }

    /// <summary>Ends when the user's code got the next message.</summary>
    Arrival Arrival { get; }

    async Task<TimeSpan> DeliverAsync(int number)
    {
        var arrived = Arrival.Next();
        var accepted = Stopwatch.GetTimestamp();
        Inbox.Append($"From: ann@example.org\r\nTo: bob@example.org\r\nSubject: {number}\r\nMessage-ID: <{number}@example.org>\r\n\r\nHello\r\n");
        return Stopwatch.GetElapsedTime(accepted, await arrived);
    }
}

/// <summary>The moment at which a message reaches the user's code.</summary>
internal sealed class Arrival
{
    private TaskCompletionSource<long> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<long> Next() => (_next = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Now() => _next.TrySetResult(Stopwatch.GetTimestamp());
}
