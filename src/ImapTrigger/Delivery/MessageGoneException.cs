namespace ImapTrigger.Delivery;

/// <summary>The message was removed before the function could get it: there is nothing left to deliver.</summary>
internal sealed class MessageGoneException(ImapEvent message)
    : Exception($"Message {message.Uid} is not in {message.Folder} of {message.Account} any more.");
