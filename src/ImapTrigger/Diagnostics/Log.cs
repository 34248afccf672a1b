using ImapTrigger.Listening;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Diagnostics;

/// <summary>Every line that the extension logs: one table of event ids and levels. 1xx the host, 2xx ownership, 3xx a mailbox, 4xx a delivery.</summary>
internal static partial class Log
{
    /// <summary>The Functions host drops what an extension logs under a category that does not begin with "Host.".</summary>
    public const string Category = "Host.Triggers.ImapIdle";

    [LoggerMessage(100, LogLevel.Warning, "AzureWebJobsStorage is not set: leases and cursors lie in {Folder}. That is for one machine only; instances on other machines would watch the same mailbox too.")]
    internal static partial void LocalState(this ILogger logger, string folder);

    [LoggerMessage(101, LogLevel.Error, "A function is not started, so its mail is not delivered: {Problem}")]
    internal static partial void FunctionNotStarted(this ILogger logger, string problem);

    [LoggerMessage(102, LogLevel.Error, "The mailboxes of '{Connection}' cannot be read: {Problem} Those that were read last stay.")]
    internal static partial void ListUnusable(this ILogger logger, string connection, string problem);

    [LoggerMessage(103, LogLevel.Error, "A mailbox of '{Connection}' is left out, and the others are watched: {Problem}")]
    internal static partial void MailboxLeftOut(this ILogger logger, string connection, string problem);

    [LoggerMessage(200, LogLevel.Information, "{Function}: partition {Partition} is ours; state lies in {Location}.")]
    internal static partial void PartitionOwned(this ILogger logger, string function, int partition, string location);

    [LoggerMessage(201, LogLevel.Information, "{Function}: other instances own its partitions ({Owners}); standing by.")]
    internal static partial void StandingBy(this ILogger logger, string function, string? owners);

    [LoggerMessage(202, LogLevel.Warning, "{Function}: partition {Partition} is not ours any more: {Reason}. Its connections are closed and running calls cancelled; the next owner goes on.")]
    internal static partial void PartitionLost(this ILogger logger, string function, int partition, string reason);

    [LoggerMessage(203, LogLevel.Information, "{Function}: partition {Partition} is released.")]
    internal static partial void PartitionReleased(this ILogger logger, string function, int partition);

    [LoggerMessage(EventId = 204, Message = "{Function}: no partition can be taken, so no mail is delivered here: {Location}: {Reason}")]
    internal static partial void StoreUnusable(this ILogger logger, LogLevel level, string function, string location, string reason);

    [LoggerMessage(205, LogLevel.Warning, "Partition {Partition} could not be renewed or written: {Location}: {Reason} Trying again while it is ours.")]
    internal static partial void StoreTrouble(this ILogger logger, int partition, string location, string reason);

    [LoggerMessage(206, LogLevel.Error, "{Function}: {Loop} {Subject} ended unexpectedly; it begins anew {Wait}. This is a defect, please report it.")]
    internal static partial void LoopEnded(this ILogger logger, string function, string loop, string subject, FromNow wait, Exception? exception);

    [LoggerMessage(207, LogLevel.Error, "{Function}: {Loop} {Subject} failed in its last step, at a stop or a loss. This is a defect, please report it.")]
    internal static partial void LoopFailedLast(this ILogger logger, string function, string loop, string subject, Exception exception);

    [LoggerMessage(208, LogLevel.Error, "{Function}: partition {Partition} is owned by nobody for {Length}, so mail that arrives is not delivered: {Mailboxes}. {Problem}")]
    internal static partial void PartitionUnowned(this ILogger logger, string function, int partition, Pause length, string mailboxes, string problem);

    [LoggerMessage(209, LogLevel.Information, "{Function}: partition {Partition} has an owner again, after {Length}; what arrived meanwhile is delivered now.")]
    internal static partial void PartitionOwnedAgain(this ILogger logger, string function, int partition, Pause length);

    [LoggerMessage(210, LogLevel.Information, "{Function}: stopping, waits for running calls: {Count}, at most {Length}: {Calls}.")]
    internal static partial void StopWaits(this ILogger logger, string function, int count, Pause length, string calls);

    [LoggerMessage(211, LogLevel.Warning, "{Function}: partition {Partition}: progress could not be recorded for more than {Length}, so no further call begins until it is: {Location}. After a crash now, what was called since would come twice.")]
    internal static partial void CallsWait(this ILogger logger, string function, int partition, Pause length, string location);

    [LoggerMessage(212, LogLevel.Information, "{Function}: partition {Partition}: progress is on record again, calls go on after {Length}.")]
    internal static partial void CallsGoOn(this ILogger logger, string function, int partition, Pause length);

    [LoggerMessage(220, LogLevel.Warning, "{Function}: partition {Partition}: {What}: the process or the machine ended while it was written, and it was not acknowledged yet. What it said is delivered again.")]
    internal static partial void RecordTorn(this ILogger logger, string function, int partition, string what);

    [LoggerMessage(300, LogLevel.Information, "{Mailbox}: watching by {Mode}, from UID {LastUid} on.")]
    internal static partial void Watching(this ILogger logger, MailboxSource mailbox, string mode, uint lastUid);

    [LoggerMessage(301, LogLevel.Information, "{Mailbox}: watched for the first time; begins with mail that arrives after UID {LastUid}.")]
    internal static partial void FirstStart(this ILogger logger, MailboxSource mailbox, uint lastUid);

    [LoggerMessage(302, LogLevel.Warning, "{Mailbox}: the server numbered the messages anew (UIDVALIDITY {Old} -> {New}). By onUidValidityChange = {Policy}: {What}.")]
    internal static partial void UidValidityChanged(this ILogger logger, MailboxSource mailbox, uint old, uint @new, UidValidityPolicy policy, string what);

    [LoggerMessage(303, LogLevel.Information, "{Mailbox}: delivers again what was taken up before and not finished, messages: {Count}.")]
    internal static partial void Resumed(this ILogger logger, MailboxSource mailbox, int count);

    [LoggerMessage(304, LogLevel.Information, "{Mailbox}: message {Uid} was removed before it could be delivered.")]
    internal static partial void OpenMessageGone(this ILogger logger, MailboxSource mailbox, uint uid);

    [LoggerMessage(EventId = 305, Message = "{Mailbox}: {Problem} Next attempt {Wait}.")]
    internal static partial void SessionFailed(this ILogger logger, LogLevel level, MailboxSource mailbox, string problem, FromNow wait, Exception? exception);

    [LoggerMessage(306, LogLevel.Information, "{Mailbox}: the metadata of a message from UID {First} to {Last} could not be fetched, and it is looked for by halves: {Problem}")]
    internal static partial void MetadataUnreadable(this ILogger logger, MailboxSource mailbox, uint first, uint last, string problem);

    [LoggerMessage(307, LogLevel.Information, "{Mailbox}: the server cannot expunge a single message (no UIDPLUS), so messages are only flagged as deleted and stay until somebody expunges.")]
    internal static partial void NotExpunged(this ILogger logger, MailboxSource mailbox);

    [LoggerMessage(308, LogLevel.Information, "{Mailbox}: a look found what IDLE had not announced, messages: {Count}.")]
    internal static partial void MissedByIdle(this ILogger logger, MailboxSource mailbox, int count);

    [LoggerMessage(309, LogLevel.Warning, "{Mailbox}: IDLE repeatedly did not announce new mail, so the server is asked beside it, every pollInterval (host.json).")]
    internal static partial void PushDoubted(this ILogger logger, MailboxSource mailbox);

    [LoggerMessage(310, LogLevel.Information, "{Mailbox}: IDLE announces new mail again; the server is not asked beside it any more.")]
    internal static partial void PushTrusted(this ILogger logger, MailboxSource mailbox);

    [LoggerMessage(311, LogLevel.Information, "{Mailbox}: the poisoned message {Uid} of {Function} is delivered again.")]
    internal static partial void Replayed(this ILogger logger, MailboxSource mailbox, uint uid, string function);

    [LoggerMessage(312, LogLevel.Error, "{Mailbox}: not looked at for {Since}, so mail that arrives is not delivered. {Problem}")]
    internal static partial void NotVerified(this ILogger logger, MailboxSource mailbox, Pause since, string problem);

    [LoggerMessage(313, LogLevel.Information, "{Mailbox}: looked at again, after {Since}; what arrived meanwhile is delivered now.")]
    internal static partial void VerifiedAgain(this ILogger logger, MailboxSource mailbox, Pause since);

    [LoggerMessage(320, LogLevel.Warning, "{Mailbox}: the server names message {Uid} and did not give its metadata; it is asked for again.")]
    internal static partial void NamedNotGiven(this ILogger logger, MailboxSource mailbox, uint uid);

    [LoggerMessage(321, LogLevel.Information, "{Mailbox}: message {Uid} turned up after higher ones had come; it is delivered now.")]
    internal static partial void CameLate(this ILogger logger, MailboxSource mailbox, uint uid);

    [LoggerMessage(322, LogLevel.Information, "{Mailbox}: the metadata of message {Uid} can be had only in part ({Rung}); the event says so.")]
    internal static partial void MetadataInPart(this ILogger logger, MailboxSource mailbox, uint uid, string rung);

    [LoggerMessage(323, LogLevel.Warning, "{Mailbox}: the server's EMAILID and THREADID (or X-GM-*) cannot be read, so they are not asked for any more; emailId and threadId are null.")]
    internal static partial void IdsUnreadable(this ILogger logger, MailboxSource mailbox);

    [LoggerMessage(324, LogLevel.Warning, "{Mailbox}: it is selected anew. {Problem}")]
    internal static partial void SelectedAnew(this ILogger logger, MailboxSource mailbox, string problem);

    [LoggerMessage(325, LogLevel.Information, "{Mailbox}: the server may not keep what it numbers for EXAMINE (no UIDNEXT, or another UIDVALIDITY each time), so it is opened by SELECT.")]
    internal static partial void OpenedBySelect(this ILogger logger, MailboxSource mailbox);

    [LoggerMessage(326, LogLevel.Warning, "{Mailbox}: the server refused IDLE {Times} times, so it is asked every pollInterval (host.json); IDLE is tried again {Wait}. {Problem}")]
    internal static partial void IdleRefused(this ILogger logger, MailboxSource mailbox, int times, FromNow wait, string problem);

    [LoggerMessage(EventId = 327, Message = "{Mailbox}: {Problem} It is waited for, up to a minute.")]
    internal static partial void SilentPort(this ILogger logger, LogLevel level, MailboxSource mailbox, string problem);

    [LoggerMessage(330, LogLevel.Information, "{Function}: mailboxes of '{Connection}': {Came} came, {Went} went, {Changed} changed; {Count} in all.")]
    internal static partial void MailboxesChanged(this ILogger logger, string function, string connection, int came, int went, int changed, int count);

    [LoggerMessage(331, LogLevel.Warning, "{Mailbox}: is there more than once in '{Connection}'; the first is watched, once.")]
    internal static partial void MailboxTwice(this ILogger logger, MailboxSource mailbox, string connection);

    [LoggerMessage(332, LogLevel.Error, "{Mailbox}: is not watched. {Action} goes to the folder that is watched: each message would come back as a new one, for ever.")]
    internal static partial void MovesToItself(this ILogger logger, MailboxSource mailbox, AfterAction action);

    [LoggerMessage(333, LogLevel.Error, "{Mailbox}: cannot be logged in to and is set aside: it is tried again with growing pauses, up to 30 minutes, and does not count for the health of the others. {Problem}")]
    internal static partial void SetAside(this ILogger logger, MailboxSource mailbox, string problem);

    [LoggerMessage(EventId = 334, Message = "{Function}: the source of the mailboxes of '{Connection}' failed, so the mailboxes stay as they are; it is read anew in {Wait}.")]
    internal static partial void SourceFailed(this ILogger logger, LogLevel level, string function, string connection, Pause wait, Exception exception);

    [LoggerMessage(335, LogLevel.Information, "{Mailbox}: is not set aside any more.")]
    internal static partial void SetAsideNoMore(this ILogger logger, MailboxSource mailbox);

    [LoggerMessage(EventId = 340, Message = "{Mailbox}: has no cursor of its own and goes on, after UID {LastUid}, from that of {Old}: it is the same mailbox, and nobody uses that cursor any more. (To begin with mail from then on instead, give the function a StateName of its own before its first start.)")]
    internal static partial void Adopted(this ILogger logger, LogLevel level, MailboxSource mailbox, string old, uint lastUid);

    [LoggerMessage(341, LogLevel.Warning, "{Mailbox}: its first start leaves state behind that nobody uses any more: the cursor of {Old} is not taken over, for {Objection}. If it is this function's under an earlier name, set StateName = \"{StateName}\" on the attribute; how a mailbox is moved is in docs/leases.md. If it is not, leave it: this is said only once.")]
    internal static partial void NotAdopted(this ILogger logger, MailboxSource mailbox, string old, string objection, string stateName);

    [LoggerMessage(342, LogLevel.Warning, "{Mailbox}: has no cursor of its own, and whether another was left behind for it could not be read, so it is not watched yet: {Location}: {Reason} Trying again.")]
    internal static partial void AdoptionUnknown(this ILogger logger, MailboxSource mailbox, string location, string reason);

    [LoggerMessage(400, LogLevel.Debug, "{Function}: message {Uid} delivered, attempt {Attempt}.")]
    internal static partial void Delivered(this ILogger logger, string function, uint uid, int attempt);

    [LoggerMessage(401, LogLevel.Warning, "{Function}: failed on message {Uid} of {Mailbox}, attempt {Attempt} of {MaxAttempts}; it will be delivered again. The host has logged why.")]
    internal static partial void DeliveryFailed(this ILogger logger, string function, string mailbox, uint uid, int attempt, int maxAttempts);

    [LoggerMessage(402, LogLevel.Information, "{Function}: message {Uid} was not there when the function was to read it; whether it is gone is asked for.")]
    internal static partial void MessageGone(this ILogger logger, string function, uint uid);

    [LoggerMessage(403, LogLevel.Information, "{Function}: cancelled on message {Uid}; the next owner delivers it again.")]
    internal static partial void DeliveryAbandoned(this ILogger logger, string function, uint uid);

    [LoggerMessage(404, LogLevel.Error, "{Function}: message {Uid} of {Mailbox} failed {Attempts} times and is put aside as {Path}.json and .eml; to deliver it again, copy the .json to the same name below replay/ instead of poison/.")]
    internal static partial void Poisoned(this ILogger logger, string function, string mailbox, uint uid, int attempts, string path, Exception? exception);

    [LoggerMessage(405, LogLevel.Warning, "{Function}: message {Uid} of {Mailbox} cannot be put aside and stays open until it can: {Reason}")]
    internal static partial void PoisonNotStored(this ILogger logger, string function, string mailbox, uint uid, string reason);

    [LoggerMessage(406, LogLevel.Error, "{Function}: '{Action}' on message {Uid} of {Mailbox} was refused; the message stays as it is and counts as delivered. {Refusal}")]
    internal static partial void ActionRefused(this ILogger logger, string function, string mailbox, AfterAction action, uint uid, string refusal);

    [LoggerMessage(416, LogLevel.Warning, "{Mailbox}: '{Action}' on message {Uid} was refused for now and is tried again {Wait}. {Problem}")]
    internal static partial void ActionLater(this ILogger logger, MailboxSource mailbox, AfterAction action, uint uid, FromNow wait, string problem);

    [LoggerMessage(407, LogLevel.Error, "{Function}: the delivery of message {Uid} of {Mailbox} ended unexpectedly; it begins anew {Wait}. This is a defect, please report it.")]
    internal static partial void DeliveryDefect(this ILogger logger, string function, string mailbox, uint uid, FromNow wait, Exception exception);

    [LoggerMessage(408, LogLevel.Debug, "{Function}: message {Uid} of {Mailbox} is settled.")]
    internal static partial void Settled(this ILogger logger, string function, string mailbox, uint uid);

    [LoggerMessage(409, LogLevel.Warning, "{Function}: the call with message {Uid} of {Mailbox} has been running for {Length} and holds up what comes after it.")]
    internal static partial void CallRunsLong(this ILogger logger, string function, uint uid, string mailbox, Pause length);

    [LoggerMessage(410, LogLevel.Error, "{Function}: the call with message {Uid} of {Mailbox} has not ended {Length} after it began, though it was told to, and is abandoned; the next owner delivers the message again.")]
    internal static partial void CallAbandoned(this ILogger logger, string function, uint uid, string mailbox, Pause length);

    [LoggerMessage(411, LogLevel.Warning, "{Function}: {Record} below replay/ cannot be read and is left as it is: {Reason}")]
    internal static partial void ReplayUnreadable(this ILogger logger, string function, string record, string reason);

    [LoggerMessage(412, LogLevel.Warning, "{Function}: nothing below replay/ can be taken now: {Reason}")]
    internal static partial void ReplaysNotTaken(this ILogger logger, string function, string reason);

    [LoggerMessage(435, LogLevel.Information, "{Mailbox}: first start with Start = {Start}: begins after UID {LastUid}; of what is there, up to UID {UpTo}, that is delivered which it says.")]
    internal static partial void FirstStartWithBacklog(this ILogger logger, MailboxSource mailbox, string start, uint lastUid, uint upTo);

    [LoggerMessage(430, LogLevel.Warning, "{Function}: what it returned for message {Uid} of {Mailbox} is no verdict, and {What}: {Problem}.")]
    internal static partial void NoVerdict(this ILogger logger, string function, uint uid, string mailbox, string what, string problem);

    [LoggerMessage(431, LogLevel.Information, "{Function}: message {Uid} of {Mailbox} is delivered again in {Wait}, as the function says. {Reason}")]
    internal static partial void Postponed(this ILogger logger, string function, uint uid, string mailbox, Pause wait, string reason);

    [LoggerMessage(432, LogLevel.Warning, "{Function}: message {Uid} of {Mailbox} is put aside as {Path}.json and .eml, as the function says; to deliver it again, copy the .json to the same name below replay/ instead of poison/. {Reason}")]
    internal static partial void PoisonedByVerdict(this ILogger logger, string function, uint uid, string mailbox, string path, string reason);

    [LoggerMessage(433, LogLevel.Error, "{Function}: '{Left}' was not done to message {Uid} of {Mailbox}, for '{Refused}' before it was refused.")]
    internal static partial void ActionsLeft(this ILogger logger, string function, string left, uint uid, string mailbox, AfterAction refused);

    [LoggerMessage(434, LogLevel.Error, "{Function}: the verdict on record for message {Uid} of {Mailbox} cannot be read, so nothing is done to the message: {Text}")]
    internal static partial void VerdictUnreadable(this ILogger logger, string function, uint uid, string mailbox, string text);

    [LoggerMessage(413, LogLevel.Warning, "{Function}: the raw message {Uid} of {Mailbox} could not be read and does not lie beside its record, so nothing is done to it in the mailbox (OnPoison = {Action}). {Problem}")]
    internal static partial void PoisonWithoutMessage(this ILogger logger, string function, uint uid, string mailbox, AfterAction action, string problem);

    [LoggerMessage(420, LogLevel.Debug, "{Function}: the filter keeps message {Uid} of {Mailbox} away; it is settled without a call.")]
    internal static partial void Filtered(this ILogger logger, string function, string mailbox, uint uid);

    [LoggerMessage(421, LogLevel.Information, "{Mailbox}: Authentication-Results are believed from '{AuthservId}', for they stand above the topmost Received. To say so yourself, set authservId of the connection.")]
    internal static partial void AuthservIdLearned(this ILogger logger, MailboxSource mailbox, string authservId);
}
