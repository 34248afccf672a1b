using ImapTrigger.Delivery;
using ImapTrigger.Ownership;
using ImapTrigger.Supervision;

namespace ImapTrigger.Listening;

/// <summary>All that runs for one mailbox while its partition is ours: the watch, and the line that delivers.</summary>
internal sealed class MailboxWork(ListenedFunction function, MailboxRoster roster, ListenerContext context, Supervisor supervisor, ReplayLoop replays, RunningCalls calls)
{
    private readonly Adoption _adoption = new(function.State.LeftBehind, () => roster.Current.Mailboxes, function.Trigger.IsList, context.Time, context.Logger);

    /// <summary>Runs until ending, and until the calls that run have ended.</summary>
    public async Task RunAsync(MailboxSource source, PartitionLease lease, CallTokens tokens, CancellationToken ending)
    {
        var log = new LeasedCursor(lease, source.Key);
        var requests = new SessionRequests();
        var access = new MailboxAccess(source, requests, log, new CopySearch(source.Account, context.Gate, context.Time), context.Time, context.Logger);
        var call = new FunctionCall(function.Name, function.Executor, calls, tokens);
        var settlement = new Settlement(source.Key, function.Name, function.Trigger.Actions, function.State.Poison, access, log, context.Time, context.Logger);
        var sieve = new Sieve(function.Trigger.Filter, function.Name, source.Key, context.Logger);
        var delivery = new EventDelivery(source.Label, call, settlement, log, context.Settings.Delivery, context.Time, context.Logger);
        DeliveryLine? line = null;
        var watch = new MailboxWatch(
            source, lease.CursorOf(source.Key), _adoption, log, NewLine, requests, function.Trigger.Actions.Any, context.Gate, context.Settings.Watch, context.Time, context.Logger);
        // A watch that breaks off goes on with the line that it has.
        await supervisor.RunAsync("watching", source.Key, watch.RunAsync, ending);
        // Its last step, should it have failed there.
        requests.Close();
        if (line is not null)
            await line.DisposeAsync();

        DeliveryLine NewLine(MailboxCursor start)
        {
            var cursor = new CursorTracker(start, context.Time);
            var pump = new DeliveryPump(cursor, log, access, delivery, context.Settings.Delivery) { Sieve = sieve };
            return line = new DeliveryLine(cursor, log, pump, RunLineAsync, careful: !lease.WasClean, ending);

            Task RunLineAsync(CancellationToken stopping) => Task.WhenAll(
                supervisor.RunAsync("delivering", $"from {source.Key}", pump.RunAsync, stopping),
                supervisor.RunAsync("replaying", $"to {source.Key}", token => replays.TakeAsync(source, start.UidValidity, pump, access, token), stopping));
        }
    }
}
