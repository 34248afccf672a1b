using System.Text;

namespace ImapTrigger.IntegrationTests.Corpus;

/// <summary>The hundred nastiest messages that we could think of, each made here. Header lines end in CRLF unless the message is about that.</summary>
internal static class NastyMessages
{
    private const string Head = "From: ann@example.org\r\nTo: bob@example.org\r\n";
    private const string Mime = Head + "MIME-Version: 1.0\r\n";

    public static IReadOnlyList<(string Name, byte[] Raw)> All { get; } = [.. NoMessages(), .. Lines(), .. Addresses(), .. Words(), .. Dates(), .. Structures(), .. Attachments(), .. Masses()];

    private static IEnumerable<(string, byte[])> NoMessages() =>
    [
        Of("empty", ""),
        Of("one word", "hello"),
        Of("one line end", "\r\n"),
        Of("only line feeds", "\n\n\n"),
        Of("only carriage returns", "\r\r\r"),
        Of("no header", "this is no header\r\nSubject: m\r\n\r\nx\r\n"),
        Of("colon first", ": x\r\nSubject: m\r\n\r\nx\r\n"),
        Of("blank in a name", "Sub ject: m\r\n\r\nx\r\n"),
        Of("folded first", "\tfolded\r\nSubject: m\r\n\r\nx\r\n"),
        Of("zero bytes", "\0\0\0\0\r\n\r\nx\r\n"),
        Of("a picture", "\u00ff\u00d8\u00ff\u00e0\0\u0010JFIF\0\u0001\u0001"),
        Of("a zip file", "PK\u0003\u0004\u0014\0\0\0\u0008\0" + new string('\u00e9', 300)),
        Of("a web page", "<!DOCTYPE html>\n<html><body>From: x</body></html>\n"),
        Of("every byte", new string(Enumerable.Range(0, 256).Select(i => (char)i).ToArray())),
        Of("every byte in a header", $"Subject: {new string(Enumerable.Range(0, 256).Select(i => (char)i).Where(c => c is not ('\r' or '\n')).ToArray())}\r\n\r\nx\r\n"),
        Of("an mbox", "From nobody Mon Nov 23 10:00:00 2026\r\nSubject: m\r\n\r\nx\r\n\r\nFrom nobody Mon Nov 23 10:00:00 2026\r\nSubject: n\r\n\r\ny\r\n"),
        Of("a byte order mark", "\u00ef\u00bb\u00bfSubject: m\r\n\r\nx\r\n"),
        Of("UTF-16", Encoding.Latin1.GetString(Encoding.Unicode.GetBytes("Subject: m\r\n\r\nx\r\n"))),
        Of("header without an end", "Subject: never ends"),
        Of("header of one megabyte without a colon", new string('x', 1_000_000)),
    ];

    private static IEnumerable<(string, byte[])> Lines() =>
    [
        Of("line feeds alone", "From: ann@example.org\nSubject: m\n\nx\n"),
        Of("carriage returns alone", "From: ann@example.org\rSubject: m\r\rx\r"),
        Of("mixed line ends", "From: ann@example.org\nSubject: m\r\nTo: x@y\r\r\n\n\r\nx\r\r\n"),
        Of("zero bytes in a header", $"{Head}Subject: a\0b\r\n\r\nx\r\n"),
        Of("zero bytes in the body", $"{Head}Subject: m\r\n\r\na\0b\r\n"),
        Of("folds of blanks", $"{Head}Subject: a\r\n \r\n\t\r\n b\r\n\r\nx\r\n"),
        Of("a subject of a megabyte", $"{Head}Subject: {new string('s', 1_000_000)}\r\n\r\nx\r\n"),
        Of("a subject of a hundred thousand folds", $"{Head}Subject:{string.Concat(Enumerable.Repeat(" x\r\n", 100_000))}\r\nx\r\n"),
        Of("a subject of 5,000 characters", $"{Head}Subject: {new string('s', 5_000)}\r\n\r\nx\r\n"),
        Of("a name of a megabyte", $"{Head}{new string('N', 1_000_000)}: x\r\n\r\nx\r\n"),
        Of("a protocol's lines", $"{Head}Subject: m\r\n\r\nA00000001 OK done\r\n* BYE go away\r\n* 1 EXPUNGE\r\n)\r\n* VANISHED 1:*\r\n"),
        Of("a protocol in the subject", $"{Head}Subject: ) A00000001 OK {{100000}} \"\\\"\r\n\r\nx\r\n"),
        Of("commands to a terminal", $"{Head}Subject: \u001b[2J\u001b]0;owned\u0007\r\n\r\nx\r\n"),
        Of("bells and backspaces", $"{Head}Subject: a\u0008\u0008\u0007\u007f\r\n\r\nx\r\n"),
    ];

    private static IEnumerable<(string, byte[])> Addresses() =>
    [
        Of("a quoted local part", "From: \"user,1\"@example.org\r\nTo: \"a\\\"b\"@example.org, \"x y\"@example.org\r\nSubject: m\r\n\r\nx\r\n"),
        Of("no address", "From: Ann\r\nTo: Bob Smith\r\nSubject: m\r\n\r\nx\r\n"),
        Of("empty addresses", "From: <>\r\nTo: <>, <>, ,\r\nCc:\r\nSubject: m\r\n\r\nx\r\n"),
        Of("broken addresses", "From: <<ann@@example..org>>\r\nTo: a@, @b, @, a@b@c\r\nCc: \"Bob <bob@example.org>\r\nSubject: m\r\n\r\nx\r\n"),
        Of("nobody", "From: ann@example.org\r\nTo: undisclosed-recipients:;\r\nCc: undisclosed-recipients\r\nSubject: m\r\n\r\nx\r\n"),
        Of("a group that does not end", "From: ann@example.org\r\nTo: friends: a@example.org, b@example.org\r\nSubject: m\r\n\r\nx\r\n"),
        Of("groups within groups", $"From: ann@example.org\r\nTo: {string.Concat(Enumerable.Repeat("g: ", 2_000))}a@example.org;\r\nSubject: m\r\n\r\nx\r\n"),
        Of("comments within comments", $"From: {new string('(', 5_000)}x{new string(')', 5_000)} ann@example.org\r\nSubject: m\r\n\r\nx\r\n"),
        Of("a route", $"From: <{string.Concat(Enumerable.Repeat("@a.example,", 2_000))}:ann@example.org>\r\nSubject: m\r\n\r\nx\r\n"),
        Of("five thousand recipients", $"From: ann@example.org\r\nTo: {string.Join(",\r\n ", Enumerable.Range(0, 5_000).Select(i => $"\"Reader {i}\" <r{i}@example.org>"))}\r\nSubject: m\r\n\r\nx\r\n"),
        Of("twenty thousand recipients", $"From: ann@example.org\r\nTo: {string.Join(",\r\n ", Enumerable.Range(0, 20_000).Select(i => $"r{i}@example.org"))}\r\nSubject: m\r\n\r\nx\r\n"),
        Of("an address of a megabyte", $"From: {new string('a', 500_000)}@{new string('b', 500_000)}.example\r\nSubject: m\r\n\r\nx\r\n"),
        Of("ten From headers", $"{string.Concat(Enumerable.Range(0, 10).Select(i => $"From: a{i}@example.org\r\n"))}Subject: m\r\nSubject: n\r\n\r\nx\r\n"),
        Of("placeholders as the sender writes them", "From: MISSING_MAILBOX@MISSING_DOMAIN\r\nTo: INVALID_ADDRESS@.SYNTAX-ERROR.\r\nSubject: m\r\n\r\nx\r\n"),
        Of("an international address", "From: j\u00c3\u00bcrgen@b\u00c3\u00bccher.example\r\nSubject: m\r\n\r\nx\r\n"),
        Of("a domain literal", "From: ann@[IPv6:2001:db8::1]\r\nTo: bob@[127.0.0.1\r\nSubject: m\r\n\r\nx\r\n"),
    ];

    private static IEnumerable<(string, byte[])> Words() =>
    [
        Of("8-bit bytes in an encoded word", "From: =?iso-8859-1?Q?J\u00fcrgen?= <j@example.org>\r\nSubject: =?gb2312?Q?\u00c4\u00e3\u00ba\u00c3?=\r\n\r\nx\r\n"),
        Of("8-bit bytes", "From: J\u00fcrgen <j@example.org>\r\nSubject: Gr\u00fc\u00dfe\r\n\r\nx\r\n"),
        Of("UTF-8 cut in the middle", $"{Head}Subject: Gr\u00c3\r\n\r\nx\r\n"),
        Of("overlong UTF-8", $"{Head}Subject: =?utf-8?q?=C0=AF=E0=80=AF=F8=88=80=80=80?= \u00c0\u00af\r\n\r\nx\r\n"),
        Of("half a surrogate pair", $"{Head}Subject: =?utf-8?q?=ED=A0=80?= =?utf-16?b?2AA=?=\r\n\r\nx\r\n"),
        Of("a word in base64 that is none", $"{Head}Subject: =?utf-8?b?=====?= =?utf-8?b?!!!!?= =?utf-8?b?{new string('A', 100_001)}?=\r\n\r\nx\r\n"),
        Of("a word that does not end", $"{Head}Subject: =?utf-8?q?abc\r\n\r\nx\r\n"),
        Of("an unknown charset", $"{Head}Subject: =?x-no-such?q?=E4?= =?utf-7?q?+AOQ-?=\r\n\r\nx\r\n"),
        Of("a charset of a thousand characters", $"{Head}Subject: =?{new string('c', 1_000)}?q?x?=\r\n\r\nx\r\n"),
        Of("escape sequences of a charset", $"{Head}Subject: =?iso-2022-jp?b?GyRCRnxLXA==?= =?iso-2022-kr?b?GyQpQw4=?=\r\n\r\nx\r\n"),
        Of("ten thousand words", $"{Head}Subject:{string.Concat(Enumerable.Repeat(" =?utf-8?q?=C3=BC?=\r\n", 10_000))}\r\nx\r\n"),
        Of("a name that turns direction", $"From: =?utf-8?q?=E2=80=AEgro.elpmaxe=40nna?= <ann@example.org>\r\nSubject: =?utf-8?q?a=E2=80=A8b=E2=80=A9c=D8=9C?=\r\n\r\nx\r\n"),
        Of("a word within quotation marks", "From: \"=?utf-8?q?=22=2C=20=3Cx=40y=3E?=\" <ann@example.org>\r\nSubject: m\r\n\r\nx\r\n"),
        Of("line ends within a word", $"{Head}Subject: =?utf-8?q?a=0D=0ABcc:=20x=40y=0D=0A?=\r\n\r\nx\r\n"),
    ];

    private static IEnumerable<(string, byte[])> Dates() =>
    [
        Of("no date", $"{Head}Date: yesterday\r\nSubject: m\r\n\r\nx\r\n"),
        Of("31 February", $"{Head}Date: Sat, 31 Feb 2026 25:61:61 +0100\r\nSubject: m\r\n\r\nx\r\n"),
        Of("an absurd zone", $"{Head}Date: Mon, 23 Nov 2026 10:00:00 +9999\r\nSubject: m\r\n\r\nx\r\n"),
        Of("the year 99999", $"{Head}Date: Mon, 23 Nov 99999 10:00:00 +0000\r\nSubject: m\r\n\r\nx\r\n"),
        Of("the year 0", $"{Head}Date: Mon, 23 Nov 0000 10:00:00 -2359\r\nSubject: m\r\n\r\nx\r\n"),
        Of("a date of a megabyte", $"{Head}Date: Mon, {new string('2', 1_000_000)} Nov 2026\r\nSubject: m\r\n\r\nx\r\n"),
        Of("a Message-ID of a megabyte", $"{Head}Message-ID: <{new string('i', 1_000_000)}@example.org>\r\nSubject: m\r\n\r\nx\r\n"),
        Of("Message-IDs that are none", $"{Head}Message-ID: <<>>@<\r\nIn-Reply-To: {new string('<', 10_000)}\r\nReferences: {new string('>', 10_000)}\r\nSubject: m\r\n\r\nx\r\n"),
    ];

    private static IEnumerable<(string, byte[])> Structures() =>
    [
        Of("a multipart without parts", $"{Mime}Content-Type: multipart/mixed; boundary=b\r\nSubject: m\r\n\r\n"),
        Of("a multipart without a boundary", $"{Mime}Content-Type: multipart/mixed\r\nSubject: m\r\n\r\n--\r\n\r\nx\r\n----\r\n"),
        Of("an empty boundary", $"{Mime}Content-Type: multipart/mixed; boundary=\"\"\r\nSubject: m\r\n\r\n--\r\n\r\nx\r\n----\r\n"),
        Of("a boundary that is never closed", $"{Mime}Content-Type: multipart/mixed; boundary=\"b\r\nSubject: m\r\n\r\n--b\r\n\r\nx\r\n"),
        Of("a boundary of a hundred thousand characters", $"{Mime}Content-Type: multipart/mixed; boundary={new string('b', 100_000)}\r\nSubject: m\r\n\r\n--{new string('b', 100_000)}\r\n\r\nx\r\n"),
        Of("the same boundary within", $"{Mime}Content-Type: multipart/mixed; boundary=b\r\nSubject: m\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n--b--\r\n"),
        Of("multiparts 60 deep", Multiparts(60)),
        Of("multiparts 3,000 deep", Multiparts(3_000)),
        Of("messages 40 deep", Forwards(40)),
        Of("messages 3,000 deep", Forwards(3_000)),
        Of("twenty thousand parts", $"{Mime}Content-Type: multipart/mixed; boundary=b\r\nSubject: m\r\n\r\n{string.Concat(Enumerable.Repeat("--b\r\n\r\nx\r\n", 20_000))}--b--\r\n"),
        Of("ten thousand parameters", $"{Mime}Content-Type: text/plain{string.Concat(Enumerable.Range(0, 10_000).Select(i => $";\r\n p{i}=x"))}\r\nSubject: m\r\n\r\nx\r\n"),
        Of("a parameter in ten thousand pieces", $"{Mime}Content-Type: text/plain{string.Concat(Enumerable.Range(0, 10_000).Select(i => $";\r\n name*{i}=x"))}\r\nSubject: m\r\n\r\nx\r\n"),
        Of("a parameter in twenty thousand pieces", $"{Mime}Content-Type: text/plain{string.Concat(Enumerable.Range(0, 20_000).Select(i => $";\r\n name*{i}=x"))}\r\nSubject: m\r\n\r\nx\r\n"),
        Of("a forward in base64", $"{Mime}Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\nSubject: m\r\n\r\nU3ViamVjdDogeA0KDQp4\r\n"),
        Of("an encoded multipart", $"{Mime}Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\nSubject: m\r\n\r\nLS1iDQoNCngNCi0tYi0tDQo=\r\n"),
        Of("a part of a message", $"{Mime}Content-Type: message/partial; id=x; number=99999999999; total=-1\r\nSubject: m\r\n\r\nx\r\n"),
        Of("a message elsewhere", $"{Mime}Content-Type: message/external-body; access-type=local-file; name=\"/etc/passwd\"\r\nSubject: m\r\n\r\nContent-Type: text/plain\r\n\r\n"),
        Of("a type that is none", $"{Mime}Content-Type: (((\r\nContent-Transfer-Encoding: )))\r\nContent-Disposition: ;;;=\r\nSubject: m\r\n\r\nx\r\n"),
    ];

    private static IEnumerable<(string, byte[])> Attachments() =>
    [
        Attachment("a path as a name", "filename=\"../../../etc/passwd\""),
        Attachment("a Windows path as a name", "filename=\"C:\\\\Windows\\\\System32\\\\x.dll:stream\""),
        Attachment("a name of a megabyte", $"filename=\"{new string('f', 1_000_000)}.pdf\""),
        Attachment("a name in pieces", "filename*0*=utf-8''%2E%2E%2F; filename*2*=x; filename*1*=%00%0D%0A; filename=y"),
        Attachment("a name in a charset that is none", "filename*=no-such''%E4%F6; filename==?utf-8?q?=E2=80=AEfdp.exe?="),
        Attachment("a name without an end", "filename=\"never closed"),
        Attachment("an empty name", "filename=\"\"; filename*=''"),
        Attachment("dots", "filename=\"..\""),
        Attachment("no type", "filename=a.bin", type: "/"),
        Attachment("shouted type", "filename=A.PDF", type: "APPLICATION/PDF"),
    ];

    private static IEnumerable<(string, byte[])> Masses() =>
    [
        Of("ten thousand headers", $"{Head}{string.Concat(Enumerable.Range(0, 10_000).Select(i => $"X-{i}: {i}\r\n"))}Subject: m\r\n\r\nx\r\n"),
        Of("a megabyte before the subject", $"{Head}X-Long: {new string('x', 1_000_000)}\r\nSubject: m\r\n\r\nx\r\n"),
        Of("one line of five megabytes", $"{Head}Subject: m\r\n\r\n{new string('x', 5_000_000)}"),
        Of("a million line ends", $"{Head}Subject: m\r\n\r\n{new string('\n', 1_000_000)}"),
        Of("uuencoded", $"{Mime}Content-Transfer-Encoding: x-uuencode\r\nSubject: m\r\n\r\nbegin 644 ../x\r\n{new string('~', 10_000)}\r\n"),
        Of("quoted-printable that is none", $"{Mime}Content-Transfer-Encoding: quoted-printable\r\nSubject: m\r\n\r\n=\r\n==ZZ=0\r\n=\r"),
    ];

    private static (string, byte[]) Attachment(string name, string parameters, string type = "application/octet-stream") => Of(
        name,
        $"{Mime}Content-Type: multipart/mixed; boundary=b\r\nSubject: m\r\n\r\n--b\r\n\r\nHi\r\n--b\r\nContent-Type: {type}\r\nContent-Disposition: attachment; {parameters}\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n");

    private static string Multiparts(int depth) =>
        $"{Mime}Subject: m\r\n"
        + string.Concat(Enumerable.Range(0, depth).Select(i => $"Content-Type: multipart/mixed; boundary=b{i}e\r\n\r\n--b{i}e\r\n"))
        + "\r\nx\r\n"
        + string.Concat(Enumerable.Range(0, depth).Reverse().Select(i => $"--b{i}e--\r\n"));

    private static string Forwards(int depth) => $"{Mime}{string.Concat(Enumerable.Repeat("Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n", depth))}\r\nx\r\n";

    private static (string, byte[]) Of(string name, string text) => (name, Encoding.Latin1.GetBytes(text));
}
