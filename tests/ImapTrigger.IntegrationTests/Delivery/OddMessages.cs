using System.Text;

namespace ImapTrigger.IntegrationTests.Delivery;

/// <summary>Messages as they really come, each with what the function must get of it.</summary>
internal static class OddMessages
{
    public static byte[] Plain(string subject) =>
        Encoding.ASCII.GetBytes($"From: Ann <ann@example.org>\r\nTo: bob@example.org\r\nMessage-ID: <{subject}@example.org>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0100\r\nSubject: {subject}\r\n\r\nHello\r\n");

    public static byte[] WithoutHeaders { get; } = Encoding.ASCII.GetBytes("\r\nOnly a body, no header at all.\r\n");

    public static byte[] WithMegabyteSubject { get; } = Encoding.ASCII.GetBytes($"From: ann@example.org\r\nSubject: {new string('x', 1_000_000)}\r\n\r\nHello\r\n");

    public static byte[] WithBrokenMime { get; } = Encoding.ASCII.GetBytes(
        "From: <<broken@@example..org\r\nSubject: broken\r\nDate: no date\r\nMIME-Version: 1.0\r\n"
        + "Content-Type: multipart/mixed; boundary=\"never closed\r\n\r\n--never closed\r\nContent-Type: text/plain; charset=\r\n"
        + "Content-Disposition: attachment; filename=\"../../etc/passwd\r\n\r\nno end\r\n--other--\r\n");

    /// <summary>Latin-1 bytes in a header, which RFC 5322 forbids and many senders write.</summary>
    public static byte[] With8BitHeader { get; } = Encoding.Latin1.GetBytes("From: J\u00fcrgen <j@example.org>\r\nSubject: Gr\u00fc\u00dfe\r\n\r\n\u00e4\u00f6\u00fc\r\n");

    public static byte[] WithMixedCharsets { get; } = Encoding.ASCII.GetBytes(
        "From: =?iso-8859-1?q?J=FCrgen?= <j@example.org>\r\nSubject: =?utf-8?b?w6Q=?= =?iso-2022-jp?b?GyRCRnxLXBsoQg==?= =?no-such-charset?q?x?=\r\n\r\nHello\r\n");

    /// <summary>A forwarded message within a multipart.</summary>
    public static byte[] Nested { get; } = Encoding.ASCII.GetBytes(
        "From: ann@example.org\r\nSubject: nested\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n"
        + "--outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n--inner\r\nContent-Type: text/plain\r\n\r\nHi\r\n--inner\r\nContent-Type: text/html\r\n\r\n<p>Hi\r\n--inner--\r\n"
        + "--outer\r\nContent-Type: message/rfc822\r\n\r\nFrom: bob@example.org\r\nSubject: forwarded\r\n\r\nHello\r\n"
        + "--outer\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename*0*=utf-8''a%2F; filename*1=b.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--outer--\r\n");

    /// <summary>Multiparts within one another.</summary>
    public static byte[] Multiparts(int depth) => Encoding.ASCII.GetBytes(
        "From: ann@example.org\r\nSubject: multiparts\r\nMIME-Version: 1.0\r\n"
        + string.Concat(Enumerable.Range(0, depth).Select(i => $"Content-Type: multipart/mixed; boundary=b{i}e\r\n\r\n--b{i}e\r\n"))
        + "\r\nHi\r\n"
        + string.Concat(Enumerable.Range(0, depth).Reverse().Select(i => $"--b{i}e--\r\n")));

    /// <summary>Messages within one another.</summary>
    public static byte[] Forwards(int depth) => Encoding.ASCII.GetBytes(
        "From: ann@example.org\r\nSubject: forwards\r\nMIME-Version: 1.0\r\n" + string.Concat(Enumerable.Repeat("Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n", depth)) + "\r\nHi\r\n");

    public static byte[] WithLargeAttachment { get; } = LargeAttachment(30 * 1024 * 1024);

    private static byte[] LargeAttachment(int size)
    {
        var line = Encoding.ASCII.GetBytes(new string('A', 76) + "\r\n");
        using var message = new MemoryStream(size + 1024);
        message.Write(Encoding.ASCII.GetBytes(
            "From: ann@example.org\r\nSubject: large\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            + "--b\r\nContent-Type: text/plain\r\n\r\nSee the attachment.\r\n--b\r\nContent-Type: application/pdf; name=report.pdf\r\n"
            + "Content-Disposition: attachment; filename=report.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"));
        while (message.Length < size)
            message.Write(line);
        message.Write("--b--\r\n"u8);
        return message.ToArray();
    }
}
