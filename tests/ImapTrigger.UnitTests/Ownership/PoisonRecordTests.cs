using System.Text;
using ImapTrigger.Ownership;

namespace ImapTrigger.UnitTests.Ownership;

public sealed class PoisonRecordTests
{
    private static readonly PoisonRecord Record = new()
    {
        Mailbox = "ann@h/INBOX", Function = "f", Event = new ImapEvent { Account = "ann", Folder = "INBOX", UidValidity = 7, Uid = 42 }, Attempts = 5, Error = "No.",
    };

    [Fact]
    public void It_is_read_as_it_was_written()
    {
        var answer = PoisonRecord.Read(PartitionJson.Write(Record), Record.Name);
        Assert.Equal(StoreOutcome.Done, answer.Outcome);
        Assert.Equal((Record.Mailbox, 42u, 5, "No."), (answer.Value!.Mailbox, answer.Value.Event.Uid, answer.Value.Attempts, answer.Value.Error));
        Assert.EndsWith("/7-42", Record.Name, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{ "mailbox": null, "function": "f", "event": { "account": "ann", "folder": "INBOX", "uidValidity": 7, "uid": 42 } }""")]
    [InlineData("""{ "mailbox": "m", "function": "f", "event": null }""")]
    public void What_is_no_record_says_what_to_do(string json)
    {
        var answer = PoisonRecord.Read(Encoding.UTF8.GetBytes(json), Record.Name);
        Assert.Equal((StoreOutcome.Unreadable, null, "it is not a record of ImapTrigger's; copy one from poison/, whole"), (answer.Outcome, answer.Value, answer.Reason));
    }

    [Fact]
    public void Where_it_does_not_belong_it_is_not_taken()
    {
        var answer = PoisonRecord.Read(PartitionJson.Write(Record), "other/7-42");
        Assert.Equal((StoreOutcome.Unreadable, null, $"it is of another mailbox and belongs at {Record.Name}"), (answer.Outcome, answer.Value, answer.Reason));
    }
}
