namespace ImapTrigger;

/// <summary>What the server says of one attachment (BODYSTRUCTURE, RFC 9051, 7.5.2); its content is not fetched.</summary>
/// <param name="Name">
/// The file name, or null; the last path part only, control characters and path separators removed, at most 255 characters.
/// Chosen by the sender: do not open a file by it without a folder of your own.
/// </param>
/// <param name="ContentType">The media type, such as <c>application/pdf</c>; what the sender claims.</param>
/// <param name="Size">Bytes as transferred (base64 is a third larger than the file); null when the server does not say.</param>
public sealed record ImapAttachment(string? Name, string ContentType, long? Size);
