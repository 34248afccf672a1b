using FsCheck;
using FsCheck.Fluent;
using ImapTrigger.Filtering;

namespace ImapTrigger.UnitTests.Filtering;

/// <summary>What a filter means, and what is said of one that means nothing.</summary>
public sealed class FilterTests
{
    private static readonly ImapEvent Mail = new()
    {
        Account = "ann@contoso.com",
        Folder = "INBOX",
        UidValidity = 1,
        Uid = 1,
        Subject = "Your  Invoice 4711",
        From = [new ImapAddress("Billing (Contoso)", "billing@contoso.com")],
        To = [new ImapAddress(null, "ann@contoso.com")],
        Size = 20_000,
        InternalDate = new DateTimeOffset(2026, 11, 30, 0, 30, 0, TimeSpan.FromHours(1)),
        Attachments = [new ImapAttachment("invoice.pdf", "application/pdf", 15_000)],
        Kind = ImapMessageKind.Normal,
        Authentication = new ImapAuthentication { AuthservId = "mx", Verified = true, Dmarc = ImapAuthenticationResult.Pass },
        Headers = new Dictionary<string, IReadOnlyList<string>> { ["X-Priority"] = ["1 (Highest)"], ["X-Spam-Status"] = [] },
    };

    [Theory]
    [InlineData("from:billing@contoso.com subject:\"invoice\" has:attachment larger:10k -is:auto list:none verified:yes", true)]
    [InlineData("subject:\"your invoice\"", true)]
    [InlineData("subject:(invoice -draft)", true)]
    [InlineData("subject:(order OR invoice) from:contoso.com", true)]
    [InlineData("from:\"billing (con\"", true)]
    [InlineData("from:billing", true)]
    [InlineData("from:@contoso.co", false)]
    [InlineData("from:ing@contoso.com", false)]
    [InlineData("from:toso.com", false)]
    [InlineData("to:me -from:me", true)]
    [InlineData("larger:20000", false)]
    [InlineData("larger:19999b smaller:20001", true)]
    [InlineData("before:2026-11-30", true)]
    [InlineData("after:2026-11-29 -after:2026-11-30", true)]
    [InlineData("--is:normal", true)]
    [InlineData("NOT (is:auto OR is:list)", true)]
    [InlineData("header:x-priority header:X-Priority=highest -header:X-Spam-Status", true)]
    [InlineData("dmarc:pass -spf:pass", true)]
    [InlineData("(((is:unread)))AND(has:attachment)", true)]
    [InlineData("filename:.PDF", true)]
    [InlineData("verified:no", false)]
    public void It_means_what_it_says(string text, bool passes) => Assert.Equal(passes ? Truth.True : Truth.False, Read(text).Evaluate(Mail));

    [Fact]
    public void Fifty_filters_on_a_thousand_messages_are_the_second_implementation_s()
    {
        var some = new Expressions(seed: 4711);
        var messages = Enumerable.Range(0, 1000).Select(_ => some.Message()).ToArray();
        var met = new HashSet<bool?>();
        for (var i = 0; i < 50; i++)
        {
            var expression = some.Next();
            var filter = Read(expression.Print());
            foreach (var message in messages)
            {
                var expected = expression.Evaluate(message);
                met.Add(expected);
                Assert.True(expected == Known(filter.Evaluate(message)), $"{filter} is {filter.Evaluate(message)} and should be {expected?.ToString() ?? "unknown"} of {message}");
                Assert.Equal(expected != false, filter.Passes(message));
            }
        }

        // Not all the same.
        Assert.Equal(3, met.Count);
    }

    [Fact]
    public void So_is_any_other() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        var some = new Expressions(seed);
        var (expression, message) = (some.Next(), some.Message());
        return Known(Read(expression.Print()).Evaluate(message)) == expression.Evaluate(message);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Whatever_is_written_is_a_filter_or_a_mistake_within_it() => Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), Gen.Elements("from:a@b", "(", ")", "-", " OR ", "\"", "is:auto", " ", "x:", "larger:9").ArrayOf().ToArbitrary(), (noise, parts) =>
    {
        foreach (var text in new[] { noise.Get, string.Concat(parts), string.Concat(parts) + noise.Get })
        {
            var filter = Filter.Parse(text, [], out var mistakes);
            filter?.Evaluate(Mail);
            if ((filter is null) == (mistakes.Count == 0) || mistakes.Any(mistake => mistake.Position < 0 || mistake.Position > text.Length || mistake.Problem.Length == 0))
                return false;
        }

        return true;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Theory]
    [InlineData("form:ann@contoso.com larger:10x", "0 'form:' is not known; there are from, to,", "28 '10x' is no size")]
    [InlineData("invoice", "0 'invoice' stands alone; say where to look for it, such as subject:invoice")]
    [InlineData("from:ann \"two words\"", "9 'two words' stands alone; say where to look for it, such as subject:\"two words\"")]
    [InlineData("", "0 something is missing at the end")]
    [InlineData("from:a OR", "9 something is missing at the end")]
    [InlineData("-", "1 something is missing at the end")]
    [InlineData("OR from:a", "0 a condition is missing here")]
    [InlineData("from:a or from:b", "7 write OR in capital letters")]
    [InlineData("is:auto from:a OR from:b", "15 OR stands beside more than one condition")]
    [InlineData("from:a OR from:b is:auto", "7 OR stands beside more than one condition")]
    [InlineData("(from:a", "0 this parenthesis is not closed")]
    [InlineData("from:a) is:auto", "6 this parenthesis was never opened")]
    [InlineData("()", "1 a condition is missing here")]
    [InlineData("subject:\"invoice", "8 this quotation mark is not closed")]
    [InlineData("subject:\u201Cinvoice\u201D", "8 \u201C is no quotation mark here", "16 \u201D is no quotation mark here")]
    [InlineData("from: ann", "5 a value must follow from: at once", "6 'ann' stands alone")]
    [InlineData("subject:\" \"", "8 a value must follow subject: at once")]
    [InlineData("from:(to:ann)", "6 to: stands within from:( )")]
    [InlineData("from:(to:(ann))", "6 to: stands within from:( )")]
    [InlineData("nobody:(ann)", "0 'nobody:' is not known")]
    [InlineData("from:ann@", "5 'ann@' is no address")]
    [InlineData("from:\"ann lee@contoso.com\"", "5 'ann lee@contoso.com' is no address")]
    [InlineData("larger:1.5M smaller:-1 larger:99999999999G", "7 '1.5M' is no size", "20 '-1' is no size", "30 '99999999999G' is no size")]
    [InlineData("before:30.11.2026 after:2026-02-30", "7 '30.11.2026' is no date; write 2026-11-30", "24 '2026-02-30' is no date")]
    [InlineData("is:spam has:link verified:maybe dmarc:passed", "3 is:spam is not known; there are normal, auto", "12 has:link is not known", "26 'maybe' is neither yes nor no", "38 'passed' is no result")]
    [InlineData("header:X-Mailer header:X-Priority=", "7 the header field 'X-Mailer' is not fetched; name it in Headers as well", "23 nothing follows X-Priority=")]
    public void Mistakes_are_told_all_at_once_with_their_places(string text, params string[] expected)
    {
        Assert.Null(Filter.Parse(text, Expressions.Headers, out var mistakes));
        Assert.Equal(expected.Length, mistakes.Count);
        Assert.All(expected.Zip(mistakes), pair => Assert.StartsWith(pair.First, $"{pair.Second.Position} {pair.Second.Problem}", StringComparison.Ordinal));
    }

    [Fact]
    public void The_place_is_shown()
    {
        Assert.Equal($"    is:auto is:spam{Environment.NewLine}               ^", new FilterMistake(11, "").Show("is:auto is:spam"));
        var shown = new FilterMistake(500, "").Show(new string('a', 500) + "!\n" + new string('b', 400)).Split(Environment.NewLine);
        Assert.Equal('!', shown[0][shown[1].IndexOf('^', StringComparison.Ordinal)]);
        Assert.All(shown, line => Assert.InRange(line.Length, 1, 140));
    }

    [Fact]
    public void Length_conditions_and_depth_have_bounds()
    {
        Assert.Equal("more than 16 parentheses within one another", Problem(new string('(', 500)));
        Assert.Equal("more than 64 conditions", Problem(string.Join(' ', Enumerable.Repeat("is:auto", 65))));
        Assert.StartsWith("it has 1001 characters", Problem("subject:" + new string('x', 993)), StringComparison.Ordinal);
        Read(new string('(', 16) + "is:auto" + new string(')', 16));
        Read(string.Join(' ', Enumerable.Repeat("is:auto", 64)));
        Read(new string('-', 900) + "is:auto");

        static string Problem(string text)
        {
            Assert.Null(Filter.Parse(text, [], out var mistakes));
            return mistakes[0].Problem;
        }
    }

    [Theory]
    [InlineData("from:bob@contoso.com")]
    [InlineData("-from:bob@contoso.com")]
    [InlineData("subject:order")]
    [InlineData("has:attachment")]
    [InlineData("larger:1M")]
    [InlineData("before:2020-01-01")]
    [InlineData("is:auto")]
    [InlineData("-is:normal")]
    [InlineData("list:any")]
    [InlineData("verified:yes")]
    [InlineData("verified:no")]
    [InlineData("dkim:pass")]
    [InlineData("is:read")]
    [InlineData("keyword:Done")]
    [InlineData("header:X-Priority=1")]
    public void What_is_not_known_keeps_no_message_away(string text) =>
        Assert.True(Read(text).Passes(new ImapEvent { Account = "ann", Folder = "INBOX", UidValidity = 1, Uid = 1, IncompleteReason = "Nothing could be read." }));

    [Fact]
    public void What_was_cut_off_may_be_what_is_looked_for()
    {
        var many = Mail with { To = Enumerable.Range(0, ImapEvent.MaxItems).Select(i => new ImapAddress(null, $"{i}@contoso.com")).ToArray(), Subject = new string('x', ImapEvent.MaxSubject - 1) + '\u2026' };
        Assert.True(Read("to:ann@contoso.com").Passes(many));
        Assert.True(Read("subject:invoice").Passes(many));
        Assert.False(Read("to:ann@contoso.com").Passes(many with { To = many.To.Skip(1).ToArray() }));
        Assert.False(Read("-to:7@contoso.com").Passes(many));
    }

    [Fact]
    public void A_name_is_no_address_and_no_domain()
    {
        var forged = Mail with { From = [new ImapAddress("billing@contoso.com", "contoso.com@evil.example")] };
        Assert.False(Read("from:billing@contoso.com").Passes(forged));
        Assert.False(Read("from:@contoso.com").Passes(forged));
        Assert.False(Read("from:contoso.com").Passes(forged));
    }

    [Fact]
    public void Lone_surrogates_harm_nobody() => Assert.True(Read("subject:\"\ud800x\"").Passes(Mail with { Subject = "a\ud800X\udc00" }));

    [Fact]
    public void Every_word_is_in_the_page()
    {
        var page = Docs.Read("filter.md");
        Assert.All(FilterWords.All, word => Assert.Contains($"`{word}:", page, StringComparison.Ordinal));
        Assert.All(FilterWords.AllStates, state => Assert.Contains($"`is:{state}`", page, StringComparison.Ordinal));
    }

    private static Filter Read(string text)
    {
        var filter = Filter.Parse(text, Expressions.Headers, out var mistakes);
        Assert.True(filter is not null, $"{text}: {string.Join("; ", mistakes)}");
        return filter;
    }

    private static bool? Known(Truth truth) => truth switch { Truth.True => true, Truth.False => false, _ => null };
}
