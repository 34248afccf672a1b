using System.Globalization;
using MailKit.Net.Imap;

namespace ImapTrigger.Imap;

/// <summary>
/// Bounds what a server may bring by one command in all, and on its own: MailKit keeps what it is told until the command ends, and folders as long as the
/// connection lives.
/// </summary>
internal sealed class CommandBounds
{
    /// <summary>Most questions are about 250 messages, some about 10,000; another client may have changed as many as the folder holds.</summary>
    public const int MaxResponses = 200_000;

    /// <summary>Without literals. The metadata of 250 messages has 0.5 MB, a SEARCH up to 16.</summary>
    public const long MaxBytes = 64L * 1024 * 1024;

    /// <summary>Literals: one whole message, or the headers of many.</summary>
    public const long MaxLiterals = ResponseGuard.MaxLiteral;

    /// <summary>Of one connection; they are listed when the one that is watched is not there.</summary>
    public const int MaxFolders = 50_000;

    private int _responses;
    private long _bytes;
    private long _literals;
    private int _folders;

    /// <summary>In IDLE, which may last long, what is said of messages is passed on and kept by nobody.</summary>
    public bool IsIdling { get; set; }

    /// <summary>A response has ended.</summary>
    /// <exception cref="ImapProtocolException">It is more than we take.</exception>
    public void Add(ResponseHead head, ResponseKind kind, int bytes, long literals)
    {
        if (head.IsTagged)
        {
            (_responses, _bytes, _literals) = (0, 0, 0);
            return;
        }

        if (kind == ResponseKind.Folder && ++_folders > MaxFolders)
            throw Refuse($"The server listed more than {MaxFolders} folders");
        if (IsIdling && kind is ResponseKind.Fetch or ResponseKind.Data)
            return;
        if (++_responses > MaxResponses)
            throw Refuse($"The server sent more than {MaxResponses} responses to one command");
        if ((_bytes += bytes) > MaxBytes || (_literals += literals) > MaxLiterals)
            throw Refuse($"The server sent more than {MaxBytes} bytes, or literals of more than {MaxLiterals}, to one command");
    }

    private static ImapProtocolException Refuse(FormattableString why) => new(why.ToString(CultureInfo.InvariantCulture));
}
