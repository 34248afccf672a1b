using MimeKit;

namespace ImapTrigger.Delivery;

/// <summary>What the listener hands to the binding: the event, and the way to the whole message for those who want it.</summary>
/// <param name="message">The event, with its attempt.</param>
/// <param name="record">Reads the message; null when the function is run by hand, where there is none.</param>
internal sealed class ImapDelivery(ImapEvent message, IDeliveryRecord? record = null)
{
    public ImapEvent Event { get; } = message;

    /// <summary>What the function has returned, as the host hands it over: looked at only when it has succeeded. Null when it has returned nothing.</summary>
    public object? Returned { get; set; }

    /// <summary>The message, read here: whatever is wrong with it is no business of the session that fetched it.</summary>
    /// <exception cref="MessageGoneException">It has been removed since.</exception>
    /// <exception cref="FormatException">It is empty or no message at all.</exception>
    public async Task<MimeMessage> ReadMessageAsync(CancellationToken cancellationToken) => WholeMessage.Parse(await ReadRawAsync(cancellationToken), Event.Uid);

    /// <summary>Its bytes, fetched through the session of its mailbox.</summary>
    /// <exception cref="MessageGoneException">It has been removed since.</exception>
    public async Task<byte[]> ReadRawAsync(CancellationToken cancellationToken) =>
        (record is null ? null : await record.ReadRawAsync(cancellationToken)) ?? throw new MessageGoneException(Event);
}
