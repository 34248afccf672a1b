using System.Text.Json;
using ImapTrigger.Delivery;
using Newtonsoft.Json.Linq;

namespace ImapTrigger.UnitTests.Delivery;

/// <summary>The shapes in which a host hands over what a function returned, language by language.</summary>
public sealed class ReturnedVerdictsTests
{
    public static TheoryData<object?, string> OfOne => new()
    {
        // Node, Python, isolated: a text, an object as JObject (isolated: PascalCase, nulls included); Python also as JSON.
        { "seen; move:Archive", "seen; move:Archive" },
        { JObject.Parse("""{"retryAfter":"00:10:00","reason":"later"}"""), """{"retryAfter":"00:10:00","reason":"later"}""" },
        { JObject.Parse("""{"Actions":null,"RetryAfter":"00:10:00","Counts":null,"Poison":null,"Reason":null}"""), """{"retryAfter":"00:10:00"}""" },
        { """{"poison":"no order"}""", """{"poison":"no order"}""" },
        { new JValue("delete"), "delete" },
        // In-process and WebJobs.
        { MailVerdict.Seen, "seen" },
        { JsonDocument.Parse("\"seen\"").RootElement, "seen" },
        { JsonDocument.Parse("""{"actions":["seen"]}""").RootElement, "seen" },
        // Nothing was said.
        { null, "-" }, { "", "-" }, { JValue.CreateNull(), "-" }, { JValue.CreateUndefined(), "-" },
        // No verdicts.
        { 1L, "the type Int64" }, { true, "the type Boolean" }, { 12.5, "the type Double" }, { new JValue(1), "the type JValue" }, { DateTime.UnixEpoch, "the type DateTime" },
        { new { RetryAfter = "00:10:00" }, "is none" }, { JObject.Parse("""{"order":4711}"""), "'order' is none of" }, { "order 4711", "is none of done" },
        { new JArray("seen"), "an array is for batches" }, { new[] { "seen" }, "an array is for batches" }, { """["seen"]""", "an array is for batches" }, { new byte[] { 1 }, "an array is for batches" },
    };

    [Theory]
    [MemberData(nameof(OfOne))]
    public void Of_one_message(object? returned, string said)
    {
        var verdicts = ReturnedVerdicts.Read(returned, 1, batched: false, out var problem);
        if (problem is not null)
            Assert.Contains(said, problem, StringComparison.Ordinal);
        Assert.Equal(problem is null, verdicts is not null);
        Assert.Equal(problem is null ? said : "none", verdicts is null ? "none" : Assert.Single(verdicts)?.ToString() ?? "-");
    }

    public static TheoryData<object?, string> OfThree => new()
    {
        { "seen", "seen|seen|seen" },
        { MailVerdict.Delete, "delete|delete|delete" },
        { null, "-|-|-" },
        { new JArray("seen", JValue.CreateNull(), JObject.Parse("""{"poison":"x"}""")), """seen|-|{"poison":"x"}""" },
        { """["seen", null, {"poison":"x"}]""", """seen|-|{"poison":"x"}""" },
        { new MailVerdict?[] { MailVerdict.Done, null, MailVerdict.Move("A") }, "done|-|move:A" },
        { new List<string> { "seen", "", "delete" }, "seen|-|delete" },
        { new JArray("seen", "seen"), "there are 2 verdicts for 3 messages" },
        { new JArray(), "there are 0 verdicts for 3 messages" },
        { Enumerable.Repeat("seen", 100_000), "verdicts for 3 messages" },
        { new JArray("seen", "sene", "seen"), "'sene' is none of" },
        { new JArray("seen", new JArray("seen"), "seen"), "the type JArray" },
        { "[\"seen\"", "is none of" },
        { 3L, "the type Int64" },
    };

    [Theory]
    [MemberData(nameof(OfThree))]
    public void Of_three_messages(object? returned, string said)
    {
        var verdicts = ReturnedVerdicts.Read(returned, 3, batched: true, out var problem);
        if (problem is not null)
            Assert.Contains(said, problem, StringComparison.Ordinal);
        Assert.Equal(problem is null ? said : "none", verdicts is null ? "none" : string.Join('|', verdicts.Select(verdict => verdict?.ToString() ?? "-")));
    }
}
