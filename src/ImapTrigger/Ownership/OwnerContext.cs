using ImapTrigger.Supervision;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Ownership;

/// <summary>Who owns: what everything about the ownership of one function's partitions shares.</summary>
/// <param name="Function">For logs.</param>
/// <param name="Instance">Our name among the instances.</param>
/// <param name="Timing">The times.</param>
/// <param name="Supervisor">Runs the loops.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">Where to tell.</param>
internal sealed record OwnerContext(string Function, string Instance, LeaseTiming Timing, Supervisor Supervisor, TimeProvider Time, ILogger Logger)
{
    public OwnerContext(string function, LeaseTiming timing, TimeProvider time, ILogger logger)
        : this(function, NewInstanceName(), timing, new Supervisor(function, time, logger), time, logger)
    {
    }

    /// <summary>What the writes of all partitions share.</summary>
    public WriteBudget Writes { get; } = new(Timing, Time);

    /// <summary>A name of our own, readable, for this process and this listener.</summary>
    private static string NewInstanceName() =>
        $"{(Environment.GetEnvironmentVariable("WEBSITE_INSTANCE_ID") is { Length: > 0 } id ? id : Environment.MachineName)}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..8]}";
}
