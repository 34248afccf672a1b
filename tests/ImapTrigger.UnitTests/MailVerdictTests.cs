using System.Text.Json;

namespace ImapTrigger.UnitTests;

/// <summary>One grammar for every language and for the record: what it means, what it refuses, and that what it writes it reads.</summary>
public sealed class MailVerdictTests
{
    [Theory]
    [InlineData("done", "done")]
    [InlineData("SEEN", "seen")]
    [InlineData(" keyword:$Done ", "keyword:$Done")]
    [InlineData("move:Archive/2026", "move:Archive/2026")]
    [InlineData("move:Archive; seen;copy:Post", "seen; copy:Post; move:Archive")]
    [InlineData("seen;seen", "seen")]
    [InlineData("delete;keyword:x", "keyword:x; delete")]
    [InlineData("retryAfter:00:10:00", """{"retryAfter":"00:10:00"}""")]
    [InlineData("retryafter: 1.00:00:00", """{"retryAfter":"1.00:00:00"}""")]
    [InlineData("poison", "poison")]
    [InlineData("poison:no order: none; really", """{"poison":"no order: none; really"}""")]
    [InlineData("""{"actions":[]}""", "done")]
    [InlineData("""{"actions":["move:A;B","seen"]}""", """{"actions":["seen","move:A;B"]}""")]
    [InlineData("""{ "RetryAfter": "00:00:01", "Reason": "busy", "Counts": true, "Poison": null }""", """{"retryAfter":"00:00:01","counts":true,"reason":"busy"}""")]
    [InlineData("""{"retryAfter":"00:00:05","reason":null}""", """{"retryAfter":"00:00:05"}""")]
    [InlineData("""{"poison":"Entwürfe <x>"}""", """{"poison":"Entwürfe <x>"}""")]
    public void What_it_reads_it_writes_and_reads_again(string text, string written)
    {
        var verdict = MailVerdict.Parse(text);
        Assert.Equal(written, verdict.ToString());
        Assert.Equal(written, MailVerdict.Parse(verdict.ToString()).ToString());
    }

    [Theory]
    [InlineData("", "is no action")]
    [InlineData("none", "is no action")]
    [InlineData("mvoe:Archive", "'mvoe:Archive' is none of done, seen")]
    [InlineData("Invoice 4711 is paid", "is none of done, seen")]
    [InlineData("seen;", "is no action")]
    [InlineData("seen;done", "none of done, seen")]
    [InlineData("move:A;delete", "moved or deleted only once")]
    [InlineData("move:A;move:B", "moved or deleted only once")]
    [InlineData("move:A\r\nB", "no control characters")]
    [InlineData("keyword:a b", "keyword:Name")]
    [InlineData("retryAfter:10", "00:10:00")]
    [InlineData("retryAfter:00:00:00", "00:00:01")]
    [InlineData("retryAfter:31.00:00:00", "30.00:00:00")]
    [InlineData("retryAfter:-00:10:00", "00:00:01")]
    [InlineData("{", "is no JSON")]
    [InlineData("{}", "has one of actions, retryAfter, poison")]
    [InlineData("""{"id":4711,"total":12.5}""", "'id' is none of")]
    [InlineData("""{"poison":"a","retryAfter":"00:10:00"}""", "has one of")]
    [InlineData("""{"poison":"a","POISON":"b"}""", "there twice")]
    [InlineData("""{"poison":true}""", "not of its kind")]
    [InlineData("""{"actions":"seen"}""", "not of its kind")]
    [InlineData("""{"actions":[1]}""", "not of its kind")]
    [InlineData("""{"retryAfter":600}""", "not of its kind")]
    [InlineData("""{"retryAfter":"00:10:00","counts":"yes"}""", "not of its kind")]
    [InlineData("""{"actions":["seen"],"reason":"x"}""", "belong to retryAfter")]
    [InlineData("""{"actions":[[[[[[1]]]]]]}""", "is no JSON")]
    public void What_is_none_of_it_is_told(string text, string problem)
    {
        Assert.Contains(problem, Assert.Throws<FormatException>(() => MailVerdict.Parse(text)).Message, StringComparison.Ordinal);
        Assert.False(MailVerdict.TryParse(text, out _));
    }

    [Fact]
    public void It_is_bounded()
    {
        var longest = new string('x', 1000);
        Assert.Equal($"move:{longest}", MailVerdict.Parse($"move:{longest}").ToString());
        Assert.Contains("too long", Assert.Throws<FormatException>(() => MailVerdict.Parse($"move:{longest}x")).Message, StringComparison.Ordinal);
        Assert.Contains("is no verdict", Assert.Throws<FormatException>(() => MailVerdict.Parse($"poison:{new string('x', 20_000)}")).Message, StringComparison.Ordinal);
        Assert.Contains("more than 16", Assert.Throws<FormatException>(() => MailVerdict.Parse(string.Join(';', Enumerable.Range(0, 17).Select(i => $"keyword:k{i}")))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => MailVerdict.Poison(longest + "x"));
        Assert.Throws<ArgumentOutOfRangeException>(() => MailVerdict.RetryAfter(TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => MailVerdict.RetryAfter(TimeSpan.FromDays(31)));
        Assert.Throws<ArgumentException>(() => MailVerdict.Move(""));
        Assert.Throws<ArgumentException>(() => MailVerdict.Keyword("a b"));
    }

    [Fact]
    public void In_code_they_are_combined_and_contradictions_are_refused()
    {
        Assert.Equal("seen; keyword:x; copy:B; move:A", MailVerdict.Move("A").And(MailVerdict.Seen).And(MailVerdict.Keyword("x")).And(MailVerdict.Copy("B")).ToString());
        Assert.Equal("seen", MailVerdict.Done.And(MailVerdict.Seen).ToString());
        Assert.Equal("""{"retryAfter":"00:10:00","counts":true,"reason":"busy"}""", MailVerdict.RetryAfter(TimeSpan.FromMinutes(10), "busy", countsAsAttempt: true).ToString());
        Assert.Throws<InvalidOperationException>(() => MailVerdict.Move("A").And(MailVerdict.Delete));
        Assert.Throws<InvalidOperationException>(() => MailVerdict.Seen.And(MailVerdict.Poison()));
        Assert.Throws<InvalidOperationException>(() => MailVerdict.RetryAfter(TimeSpan.FromMinutes(1)).And(MailVerdict.Seen));
    }

    /// <summary>Whatever a message puts into a reason or a name, the record stays one that can be read.</summary>
    [Fact]
    public void Hostile_text_survives_the_record()
    {
        foreach (var text in new[] { "\"}],", "\u0000\r\n", "\ud800", "</script>", "a;b;{\"x\":1}", new string('"', 1000) })
            Assert.Equal(JsonSerializer.Deserialize<string>(JsonSerializer.Serialize(text)), MailVerdict.Parse(MailVerdict.Poison(text).ToString()).Reason);
    }
}
