namespace ImapTrigger.Delivery;

/// <summary>The mailbox is not watched here any more, so a whole message cannot be had: the next owner delivers it again.</summary>
internal sealed class WatchEndedException() : OperationCanceledException("The watch of the mailbox has ended; the message is delivered again by the next owner.");
