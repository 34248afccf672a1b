using System.Text.Json;
using ImapTrigger.Delivery;
using Newtonsoft.Json.Linq;

namespace ImapTrigger.UnitTests.Delivery;

/// <summary>The shapes in which a host hands over what a function returned, language by language.</summary>
public sealed class ReturnedVerdictTests
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
        { new JArray("seen"), "an array is none" }, { new[] { "seen" }, "an array is none" }, { """["seen"]""", "is none of" }, { new byte[] { 1 }, "an array is none" },
    };

    [Theory]
    [MemberData(nameof(OfOne))]
    public void Of_one_message(object? returned, string said)
    {
        var verdict = ReturnedVerdict.Read(returned, out var problem);
        if (problem is not null)
            Assert.Contains(said, problem, StringComparison.Ordinal);
        Assert.Equal(problem is null ? said : "none", problem is null ? verdict?.ToString() ?? "-" : "none");
    }
}
