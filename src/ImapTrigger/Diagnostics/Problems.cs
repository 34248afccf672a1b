using System.Collections.Concurrent;

namespace ImapTrigger.Diagnostics;

/// <summary>What is wrong in this process at this moment, in words for the health check; the log and the metrics have said it already.</summary>
internal static class Problems
{
    private static readonly ConcurrentDictionary<object, string> All = new();

    public static IReadOnlyCollection<string> Now => [.. All.Values];

    public static void Begin(object key, string text) => All[key] = text;

    public static void End(object key) => All.TryRemove(key, out _);
}
