namespace ImapTrigger.Delivery;

/// <summary>The mailbox, as a delivery needs it: asked through the one session that watches it.</summary>
internal interface IMailboxAccess
{
    /// <summary>A whole message, byte for byte; null when it is gone.</summary>
    /// <exception cref="WatchEndedException">The watch ends, so nobody will fetch it here.</exception>
    Task<byte[]?> ReadRawAsync(uint uid, CancellationToken cancellationToken);

    /// <summary>Carries an action out, however long the server asks for patience; nothing happens when the message is gone. Null when done, else why not; empty when that has been told of the
    /// same action before.</summary>
    /// <param name="uid">The message.</param>
    /// <param name="action">What to do.</param>
    /// <param name="again">Whether somebody may have begun with it before.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="WatchEndedException">The watch ends, so nobody will do it here.</exception>
    Task<string?> ApplyAsync(uint uid, AfterAction action, bool again, CancellationToken cancellationToken);
}
