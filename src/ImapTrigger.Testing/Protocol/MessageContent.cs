using MimeKit;

namespace ImapTrigger.Testing.Protocol;

/// <summary>A message's bytes, and what the protocol says of them, worked out once and when it is asked for.</summary>
internal sealed class MessageContent
{
    private readonly Lazy<MimeMessage> _message;
    private readonly Lazy<byte[]> _envelope;
    private readonly Lazy<byte[]> _body;
    private readonly Lazy<byte[]> _structure;

    public MessageContent(byte[] raw)
    {
        Raw = raw;
        _message = new Lazy<MimeMessage>(Parse);
        _envelope = new Lazy<byte[]>(() => Protocol.Envelope.Of(_message.Value.Headers));
        _body = new Lazy<byte[]>(() => BodyStructure.Of(_message.Value.Body, extended: false));
        _structure = new Lazy<byte[]>(() => BodyStructure.Of(_message.Value.Body, extended: true));
    }

    public byte[] Raw { get; }

    public MimeMessage Message => _message.Value;

    public byte[] Envelope => _envelope.Value;

    /// <summary>BODY.</summary>
    public byte[] Body => _body.Value;

    /// <summary>BODYSTRUCTURE.</summary>
    public byte[] Structure => _structure.Value;

    private MimeMessage Parse()
    {
        try
        {
            return MimeMessage.Load(new MemoryStream(Raw));
        }
        catch (FormatException)
        {
            // Not a header in it: all of it is text.
            var message = new MimeMessage { Body = new TextPart("plain") { Content = new MimeContent(new MemoryStream(Raw)) } };
            message.Headers.Clear();
            return message;
        }
    }
}
