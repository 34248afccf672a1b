using System.Diagnostics;
using ImapTrigger.Delivery;

namespace ImapTrigger.Diagnostics;

/// <summary>What one call of a function shows outside: its activity and its metrics.</summary>
internal readonly struct CallTelemetry
{
    private readonly string _function;
    private readonly string _folder;
    private readonly string? _tag;
    private readonly Activity? _activity;
    private readonly TimeProvider _time;
    private readonly long _began;

    private CallTelemetry(string function, ImapEvent message, TimeProvider time)
    {
        _function = function;
        _folder = message.Folder;
        _tag = message.Tag;
        _time = time;
        _began = time.GetTimestamp();
        _activity = Tracing.StartProcess(function, message);
    }

    /// <summary>The call begins; what runs until its end belongs to its activity.</summary>
    public static CallTelemetry Begin(string function, ImapEvent message, TimeProvider time)
    {
        if (message.Attempt > 1)
            Metrics.Retries.Add(1, Metrics.Of(function, message.Tag));
        else if (message.InternalDate is { } arrived)
            Metrics.Lag.Record(Math.Max(0, (time.GetUtcNow() - arrived).TotalSeconds), Metrics.Of(function, message.Tag));
        return new CallTelemetry(function, message, time);
    }

    public void End(CallResult result)
    {
        var error = result.Outcome is CallOutcome.Failed or CallOutcome.Abandoned ? result.Exception?.GetBaseException().GetType().FullName ?? "cancelled" : null;
        var tags = Metrics.Of(_function, _tag);
        var outcome = tags;
        tags.Add(TagNames.System, Tracing.MessagingSystem);
        tags.Add(TagNames.Operation, Tracing.Process);
        tags.Add(TagNames.Folder, _folder);
        if (error is not null)
        {
            tags.Add(TagNames.Error, error);
            _activity?.SetTag(TagNames.Error, error).SetStatus(ActivityStatusCode.Error, result.Exception?.GetBaseException().Message);
        }

        Metrics.Duration.Record(_time.GetElapsedTime(_began).TotalSeconds, tags);
        outcome.Add(TagNames.Outcome, NameOf(result.Outcome));
        Metrics.Deliveries.Add(1, outcome);
        _activity?.Dispose();
    }

    private static string NameOf(CallOutcome outcome) => outcome switch
    {
        CallOutcome.Succeeded => "succeeded",
        CallOutcome.Failed => "failed",
        CallOutcome.Abandoned => "abandoned",
        _ => "gone",
    };
}
