using System.Diagnostics;
using ImapTrigger.IntegrationTests.Hosting;

namespace ImapTrigger.IntegrationTests.Chaos;

/// <summary>What came of a chaos run: every message, every second call and the fault that explains it, every change of owner.</summary>
internal sealed class ChaosLedger
{
    public const string Unexplained = "unexplained";

    /// <summary>Law 17: so old may progress be that is not on record, while calls begin: the flush interval and 3 s.</summary>
    public static readonly TimeSpan Behind = TimeSpan.FromSeconds(4);

    /// <summary>What was sent into a silence that has ended fails later: the deadline of an operation, and the pause after it.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(6);

    /// <summary>From the end of a call to our hearing of the one that was let begin just in time, on a busy machine.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    private readonly List<(HostOutput Process, long? Died)> _processes = [];
    private readonly List<Fault> _faults = [];

    public int Sent { get; set; }

    public void Started(HostOutput process) => _processes.Add((process, null));

    public void Died(HostOutput process) => Died(process, Stopwatch.GetTimestamp());

    public void Died(HostOutput process, long at) => _processes[_processes.FindIndex(entry => entry.Process == process)] = (process, at);

    public void Happened(ChaosEvent what, IReadOnlyCollection<HostOutput> befell, long from) => Happened(what, befell, from, Stopwatch.GetTimestamp());

    public void Happened(ChaosEvent what, IReadOnlyCollection<HostOutput> befell, long from, long to) => _faults.Add(new Fault(what, befell, from, to));

    public int Delivered => Calls().Select(call => call.Call.Subject).Distinct().Count();

    /// <summary>Calls beyond the first of each message, by the kind of fault that explains them.</summary>
    public IReadOnlyDictionary<string, ChaosDuplicates> Duplicates()
    {
        var repeated = Repeated().ToLookup(call => call.Explains?.What.Kind ?? Unexplained);
        return repeated.Select(kind => kind.Key).Concat(_faults.Select(fault => fault.What.Kind)).Distinct().Order(StringComparer.Ordinal).ToDictionary(
            kind => kind,
            kind => new ChaosDuplicates(
                _faults.Count(fault => fault.What.Kind == kind),
                repeated[kind].Count(),
                repeated[kind].GroupBy(call => (call.Process, call.Ended)).Select(loss => Math.Round(SecondsAwake(loss.Key.Process, loss.Min(call => call.At), loss.Max(call => call.At)), 1)).DefaultIfEmpty().Max()));
    }

    /// <summary>Why the run has failed, for people; empty when it has not.</summary>
    public IEnumerable<string> Failures()
    {
        if (Sent != Delivered)
            yield return $"{Sent - Delivered} of {Sent} messages are lost";
        foreach (var call in Repeated().Where(call => call.Explains is null))
            yield return $"no fault explains that {call.Subject} came again, {Stopwatch.GetElapsedTime(call.At, call.Ended).TotalSeconds:0.0} s before its process lost the partition";
        foreach (var (kind, duplicates) in Duplicates().Where(entry => entry.Key != Unexplained && entry.Value.LongestSeconds > (Behind + Slack).TotalSeconds))
            yield return $"what came again after one {kind} had been called over {duplicates.LongestSeconds} s";
    }

    /// <summary>Fail-overs in seconds: from the fault that befell the owner alone until another one owns.</summary>
    public IEnumerable<double> FailOvers(ChaosAction action) =>
        from fault in _faults
        where fault.What.Action == action
        let owner = _processes.Find(entry => fault.Befell.Contains(entry.Process) && IsOwnerAt(entry.Process, entry.Died, fault.From))
        where owner.Process is not null
        let next = Owned().Where(at => at > fault.From).DefaultIfEmpty(long.MaxValue).Min()
        where next != long.MaxValue && !_faults.Exists(other => other != fault && other.What.EndangersProgress && other.From < next && Later(other.To, Settling) > fault.From)
        select Stopwatch.GetElapsedTime(fault.From, next).TotalSeconds;

    /// <summary>The longest time in seconds in which nobody owned the partition.</summary>
    public double LongestGap()
    {
        var changes = _processes.SelectMany(entry => Spans(entry.Process, entry.Died)).OrderBy(span => span.From).ToArray();
        double longest = 0;
        var until = changes[0].To;
        foreach (var (from, to) in changes[1..])
        {
            if (from > until)
                longest = Math.Max(longest, Stopwatch.GetElapsedTime(until, from).TotalSeconds);
            until = Math.Max(until, to);
        }

        return longest;
    }

    private IEnumerable<(HostOutput Host, HostOutput.Call Call)> Calls() => _processes.SelectMany(entry => entry.Process.Calls.Select(call => (entry.Process, call)));

    private IEnumerable<long> Owned() => _processes.SelectMany(entry => entry.Process.Lines).Where(line => line.EventId == 200).Select(line => line.At);

    private static bool IsOwnerAt(HostOutput process, long? died, long at) => Spans(process, died).Any(span => span.From <= at && at <= span.To);

    /// <summary>When a process owned the partition, as far as it said so.</summary>
    private static IEnumerable<(long From, long To)> Spans(HostOutput process, long? died)
    {
        long? from = null;
        foreach (var line in process.Lines.Where(line => line.EventId is 200 or 202 or 203))
        {
            if (line.EventId == 200)
            {
                from = line.At;
            }
            else if (from is { } began)
            {
                yield return (began, line.At);
                from = null;
            }
        }

        if (from is { } last)
            yield return (last, died ?? long.MaxValue);
    }

    /// <summary>Every call after which its message was called for again.</summary>
    private IEnumerable<Repeat> Repeated() =>
        from message in Calls().GroupBy(call => call.Call.Subject)
        from before in message.OrderBy(call => call.Call.At).SkipLast(1)
        let ended = EndOfOwnership(before.Host, before.Call.At)
        select new Repeat(before.Host, before.Call.Subject, before.Call.At, ended, Explain(before.Host, before.Call.At, ended));

    /// <summary>When the process that called lost the partition or died; for ever if it did neither.</summary>
    private long EndOfOwnership(HostOutput process, long called) => Math.Min(
        process.Lines.Where(line => line.EventId is 202 or 203 && line.At >= called).Select(line => line.At).DefaultIfEmpty(long.MaxValue).First(),
        _processes.Find(entry => entry.Process == process).Died ?? long.MaxValue);

    /// <summary>
    /// The last fault of this process that the loss may come from, if the call was not on record because of it: it ended at most so long before the fault as progress may be
    /// off the record, or the fault lasted still.
    /// </summary>
    private Fault? Explain(HostOutput process, long called, long ended) => ended == long.MaxValue ? null : _faults
        .Where(fault => fault.What.EndangersProgress && fault.Befell.Contains(process) && fault.From <= ended)
        .Where(fault => called >= Later(fault.From, -Behind) && called <= Later(fault.To, Settling))
        .MaxBy(fault => fault.From);

    /// <summary>A frozen process neither calls nor writes.</summary>
    private double SecondsAwake(HostOutput process, long from, long to) => (Stopwatch.GetElapsedTime(from, to) - _faults
        .Where(fault => fault.What.Action == ChaosAction.Freeze && fault.Befell.Contains(process) && fault.From < to && fault.To > from)
        .Aggregate(TimeSpan.Zero, (frozen, fault) => frozen + Stopwatch.GetElapsedTime(Math.Max(from, fault.From), Math.Min(to, fault.To)))).TotalSeconds;

    private static long Later(long at, TimeSpan by) => at + (long)(by.TotalSeconds * Stopwatch.Frequency);

    private sealed record Fault(ChaosEvent What, IReadOnlyCollection<HostOutput> Befell, long From, long To);

    /// <param name="Process">Who called.</param>
    /// <param name="Subject">For which message.</param>
    /// <param name="At">When.</param>
    /// <param name="Ended">When it lost the partition, or died.</param>
    /// <param name="Explains">The fault that is why.</param>
    private sealed record Repeat(HostOutput Process, string Subject, long At, long Ended, Fault? Explains);
}

/// <param name="Faults">How often this kind of fault happened.</param>
/// <param name="Count">How many calls it made come again.</param>
/// <param name="LongestSeconds">From the first to the last of them, for one loss: law 17 allows 4, and those that run.</param>
internal sealed record ChaosDuplicates(int Faults, int Count, double LongestSeconds);
