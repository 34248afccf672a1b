using System.Text;

namespace ImapTrigger.Imap;

/// <summary>
/// Charsets older than UTF-8 that mail still comes in (iso-2022-jp, gb18030, koi8-r): .NET knows them only when told, and MimeKit asks once per process, when
/// it is first used.
/// </summary>
internal static class Charsets
{
    public static void Register() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
}
