using System.Collections.Concurrent;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>What the functions of a test got, in order.</summary>
internal sealed class Inbox<T>
{
    private readonly ConcurrentQueue<T> _got = new();
    private readonly Signal _added = new();

    public IReadOnlyList<T> Got => _got.ToArray();

    /// <summary>Which of them the function fails on; none by default.</summary>
    public Func<T, bool> Fails { get; set; } = _ => false;

    public void Add(T value)
    {
        _got.Enqueue(value);
        _added.Raise();
        if (Fails(value))
            throw new InvalidOperationException("Not this one.");
    }

    public Task WaitUntilAsync(Func<IReadOnlyList<T>, bool> condition) => _added.WaitForAsync(() => condition(Got), () => $"what was waited for in {_got.Count} deliveries");

    public async Task<IReadOnlyList<T>> WaitForAsync(int count)
    {
        await _added.WaitForAsync(() => _got.Count >= count, () => $"{count} deliveries, but {_got.Count}");
        return Got;
    }
}
