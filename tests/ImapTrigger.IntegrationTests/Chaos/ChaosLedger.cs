using System.Diagnostics;
using ImapTrigger.IntegrationTests.Hosting;

namespace ImapTrigger.IntegrationTests.Chaos;

/// <summary>What came of a chaos run: every message, every second call and its reason, every change of owner.</summary>
internal sealed class ChaosLedger
{
    /// <summary>Progress is written once a second, and a write under way is as good as none.</summary>
    private static readonly TimeSpan Unwritten = TimeSpan.FromSeconds(2);

    private readonly List<(HostProcess Process, long? Died)> _processes = [];
    private readonly List<(ChaosAction Action, long From, long To)> _faults = [];

    public int Sent { get; set; }

    public void Started(HostProcess process) => _processes.Add((process, null));

    public void Died(HostProcess process) => _processes[_processes.FindIndex(entry => entry.Process == process)] = (process, Stopwatch.GetTimestamp());

    public void Happened(ChaosAction action, long from) => _faults.Add((action, from, Stopwatch.GetTimestamp()));

    public int Delivered => Calls().Select(call => call.Call.Subject).Distinct().Count();

    /// <summary>Calls beyond the first of each message, by reason.</summary>
    public Dictionary<string, int> Duplicates()
    {
        var reasons = new Dictionary<string, int>();
        foreach (var message in Calls().GroupBy(call => call.Call.Subject))
        {
            var calls = message.OrderBy(call => call.Call.At).ToArray();
            foreach (var before in calls[..^1])
            {
                var reason = ReasonAfter(before.Host, before.Call);
                reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
            }
        }

        return reasons;
    }

    /// <summary>Fail-overs in seconds: from the fault that befell the owner alone until another one owns.</summary>
    public IEnumerable<double> FailOvers(ChaosAction action) =>
        from fault in _faults
        where fault.Action == action
        let owner = _processes.Find(entry => IsOwnerAt(entry.Process, entry.Died, fault.From))
        where owner.Process is not null
        let next = Owned().Where(at => at > fault.From).DefaultIfEmpty(long.MaxValue).Min()
        where next != long.MaxValue && !_faults.Exists(other => other != fault && other.Action is not (ChaosAction.CutMail or ChaosAction.BlackHoleMail or ChaosAction.RestartMail)
            && other.From < next && other.To > fault.From)
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

    private IEnumerable<(HostProcess Host, HostProcess.Call Call)> Calls() => _processes.SelectMany(entry => entry.Process.Calls.Select(call => (entry.Process, call)));

    private IEnumerable<long> Owned() => _processes.SelectMany(entry => entry.Process.Lines).Where(line => line.EventId == 200).Select(line => line.At);

    private static bool IsOwnerAt(HostProcess process, long? died, long at) => Spans(process, died).Any(span => span.From <= at && at <= span.To);

    /// <summary>When a process owned the partition, as far as it said so.</summary>
    private static IEnumerable<(long From, long To)> Spans(HostProcess process, long? died)
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

    private string ReasonAfter(HostProcess host, HostProcess.Call call)
    {
        var died = _processes.Find(entry => entry.Process == host).Died;
        if (died is { } at && Stopwatch.GetElapsedTime(call.At, at) <= Unwritten)
            return "crash before flush";
        // From the last write that the store took until the loss was noticed: the deadline is 25 s, a pause may be longer.
        if (host.Lines.Any(line => line.EventId == 202 && line.At >= call.At))
            return "ownership lost before flush";
        return died is null ? "unexplained" : "crash while the store was away";
    }
}
