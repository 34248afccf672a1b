namespace ImapTrigger.UnitTests.Filtering;

/// <summary>Random filters and messages, of few values, so that they often meet.</summary>
internal sealed class Expressions(int seed)
{
    public static readonly string[] Headers = ["X-Priority", "X-Spam-Status"];

    private static readonly string[] People =
        ["ann@contoso.com", "ANN@Contoso.com", "bob@mail.contoso.com", "eve@contoso.com.evil.example", "contoso.com@evil.example", "info@b\u00fccher.example", "info@xn--bcher-kva.example", "root", "", "\"a b\"@contoso.com"];

    private static readonly string[] Names = ["Ann Lee", "ann@contoso.com", "M\u00fcller", "Mu\u0308ller", "\ufb01nance team", "\u03a3\u03afσυφος", "contoso.com", "\u5c71\u7530 \u592a\u90ce"];
    private static readonly string[] Texts = ["invoice", "INVOICE 4711", "your  invoice", "Gr\u00fc\u00dfe", "GRU\u0308SSE", "\uff49nvoice", "don't", "a:b (c) \"d\" \\e", "stra\u00dfe", "OR", "-x"];
    private static readonly string[] Files = ["invoice.PDF", "scan.pdf.exe", "r\u00e9sum\u00e9.docx", "noname"];
    private static readonly string[] Lists = ["dev.lists.example.org", "announce.example.org", "DEV"];
    private static readonly string[] Flags = [@"\Seen", @"\Flagged", @"\Answered", @"\Draft", @"\Deleted"];
    private static readonly string[] Words = ["$Forwarded", "Work", "work", "\uff37ork", "Done"];
    private static readonly string[] Values = ["1", "Yes, score=7", "No", ""];
    private static readonly string[] Sizes = ["0", "10000", "10k", "10KB", "5M", "1g", "10240b"];
    private static readonly string[] Days = ["2026-11-30", "2026/11/30", "2026-1-2", "1999-12-31"];
    private static readonly string[] States = ["normal", "auto", "bounce", "report", "list", "seen", "read", "unseen", "unread", "flagged", "starred", "answered", "draft", "deleted", "AUTO", "Seen"];
    private static readonly ImapAuthenticationResult?[] Results = [null, .. Enum.GetValues<ImapAuthenticationResult>().Cast<ImapAuthenticationResult?>()];

    private readonly Random _random = new(seed);

    public Expression Next(int depth = 4) => _random.Next(depth == 0 ? 1 : 6) switch
    {
        1 or 2 => new All(Next(depth - 1), Next(depth - 1), _random.Next(2) == 0),
        3 or 4 => new Either(Next(depth - 1), Next(depth - 1)),
        5 => new No(Next(depth - 1), _random.Next(2) == 0),
        _ => Word(),
    };

    public ImapEvent Message()
    {
        var kind = Maybe<ImapMessageKind?>(Of(Enum.GetValues<ImapMessageKind>()));
        return new ImapEvent
        {
            Account = Of(["ann@contoso.com", "root"]),
            Folder = "INBOX",
            UidValidity = 1,
            Uid = 1,
            Subject = Maybe(Of(Texts) + (_random.Next(10) == 0 ? new string('x', 2048)[..(2048 - 20)] : "")),
            From = Some(Person),
            To = Some(Person, most: _random.Next(10) == 0 ? 100 : 3),
            Cc = Some(Person),
            ReplyTo = Some(Person),
            InternalDate = Maybe<DateTimeOffset?>(new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.FromHours(_random.Next(-12, 13))).AddHours(_random.Next(48))),
            Size = Maybe<long?>(Of([0L, 10_000, 10_240, 10_241, 5 << 20, 6_000_000_000])),
            Flags = Some(() => Of(Flags)),
            Keywords = Some(() => Of(Words)),
            Labels = Some(() => Of(Words)),
            Attachments = Some(() => new ImapAttachment(Maybe(Of(Files)), "application/pdf", 1)),
            Kind = kind,
            ListId = kind is null ? null : Maybe(Of(Lists)),
            Authentication = kind is null || _random.Next(3) == 0 ? null : new ImapAuthentication { AuthservId = "mx", Verified = _random.Next(2) == 0, Spf = Of(Results), Dkim = Of(Results), Dmarc = Of(Results) },
            Headers = kind is null ? new Dictionary<string, IReadOnlyList<string>>() : Headers.ToDictionary(name => name, IReadOnlyList<string> (_) => Some(() => Of(Values))),
            IncompleteReason = _random.Next(4) == 0 ? "Something is missing." : null,
        };
    }

    private Word Word()
    {
        var (name, value) = Of<(string, Func<string>)>(
        [
            ("from", Who), ("To", Who), ("cc", Who), ("replyto", Who), ("subject", () => Of(Texts)), ("SUBJECT", () => Of(Texts)[..1]), ("has", () => "attachment"), ("filename", () => Of(Files)),
            ("filename", () => ".pdf"), ("larger", () => Of(Sizes)), ("smaller", () => Of(Sizes)), ("before", () => Of(Days)), ("after", () => Of(Days)), ("is", () => Of(States)), ("is", () => Of(States)),
            ("list", () => Of([.. Lists, "any", "none", "None", "example"])), ("verified", () => Of(["yes", "no", "YES"])), ("spf", Result), ("dkim", Result), ("dmarc", Result), ("keyword", () => Of(Words)), ("label", () => Of(Words)),
            ("header", () => Of(Headers)), ("header", () => Of(Headers) + "=" + Of(["1", "yes", "score=7"])),
        ]);
        return new Word(name, value(), _random.Next(5) == 0 ? value() : null);

        string Who() => Of([.. People.Where(person => person.Length > 0 && !person.Contains(' ', StringComparison.Ordinal)), .. Names, "@contoso.com", "contoso.com", "@mail.contoso.com", "me", "lee", "ann", "b\u00fccher.example", "@xn--bcher-kva.example"]);

        string Result() => Of(Results[1..])!.Value.ToString();
    }

    private ImapAddress Person() => new(Maybe(Of(Names)), Of(People));

    private List<T> Some<T>(Func<T> next, int most = 3) => [.. Enumerable.Range(0, most == 100 ? 100 : _random.Next(most)).Select(_ => next())];

    private T? Maybe<T>(T value) => _random.Next(4) == 0 ? default : value;

    private T Of<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];
}
