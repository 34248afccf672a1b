using MimeKit;

namespace ImapTrigger.Delivery;

/// <summary>What the listener hands to the binding: the event, and the way to the whole message for those who want it.</summary>
internal sealed class ImapDelivery(ImapEvent message, Func<CancellationToken, Task<MimeMessage?>> read)
{
    public ImapEvent Event { get; } = message;

    /// <summary>Fetches the message through the session of its mailbox.</summary>
    /// <exception cref="MessageGoneException">It has been removed since.</exception>
    public async Task<MimeMessage> ReadMessageAsync(CancellationToken cancellationToken) =>
        await read(cancellationToken) ?? throw new MessageGoneException(Event);
}
