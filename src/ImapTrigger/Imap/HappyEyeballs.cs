using System.Net;
using System.Net.Sockets;

namespace ImapTrigger.Imap;

/// <summary>
/// A name with several addresses is tried at all of them, each a moment after the one before, and the first that answers is taken (RFC 8305):
/// a dead address or IPv6 without a route costs that moment, not the minutes until TCP gives up.
/// </summary>
internal static class HappyEyeballs
{
    /// <summary>RFC 8305, 5: the recommended Connection Attempt Delay.</summary>
    public static readonly TimeSpan AttemptDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>More addresses than that have no name that is in order.</summary>
    private const int MaxAddresses = 32;

    /// <summary>The resolver's order, with the two families taking turns (RFC 8305, 4).</summary>
    public static IReadOnlyList<IPAddress> Interleave(IReadOnlyList<IPAddress> addresses)
    {
        var first = addresses.Where(address => address.AddressFamily == addresses[0].AddressFamily).ToArray();
        var second = addresses.Where(address => address.AddressFamily != addresses[0].AddressFamily).ToArray();
        return [.. Enumerable.Range(0, Math.Max(first.Length, second.Length)).SelectMany(i => first.Skip(i).Take(1).Concat(second.Skip(i).Take(1))).Take(MaxAddresses)];
    }

    /// <param name="addresses">Of the name, in the resolver's order.</param>
    /// <param name="attempt">Connects to one of them.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SocketException">None of them could be reached.</exception>
    public static async Task<T> ConnectAsync<T>(
        IReadOnlyList<IPAddress> addresses, Func<IPAddress, CancellationToken, Task<T>> attempt, TimeProvider time, CancellationToken cancellationToken)
        where T : IDisposable
    {
        using var rest = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new List<Task<T>>();
        Exception failure = new SocketException((int)SocketError.HostNotFound);
        try
        {
            var waiting = new Queue<IPAddress>(Interleave(addresses));
            while (waiting.Count + running.Count > 0 && !cancellationToken.IsCancellationRequested)
            {
                if (waiting.TryDequeue(out var address))
                    running.Add(attempt(address, rest.Token));
                var patience = waiting.Count > 0 ? AttemptDelay : Timeout.InfiniteTimeSpan;
                if (await Task.WhenAny(running.Append<Task>(Task.Delay(patience, time, rest.Token))) is not Task<T> ended)
                    continue;
                running.Remove(ended);
                if (ended.IsCompletedSuccessfully)
                    return await ended;
                failure = MoreTelling(failure, ended.Exception?.InnerException);
            }
        }
        finally
        {
            await rest.CancelAsync();
            foreach (var late in running)
                _ = late.ContinueWith(static late => Drop(late), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw failure;
    }

    /// <summary>That one of the families has no route here is seldom what is wrong.</summary>
    private static Exception MoreTelling(Exception before, Exception? now) =>
        now is null or SocketException { SocketErrorCode: SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable }
        && before is not SocketException { SocketErrorCode: SocketError.HostNotFound }
            ? before
            : now ?? before;

    /// <summary>Came second, or failed when nobody asked any more.</summary>
    private static void Drop<T>(Task<T> late)
        where T : IDisposable
    {
        if (late.IsCompletedSuccessfully)
            late.Result.Dispose();
        _ = late.Exception;
    }
}
