using System.Text.Json;
using ImapTrigger.Triggering;

namespace ImapTrigger.UnitTests.Triggering;

/// <summary>An event that a person writes, to run a function by hand.</summary>
public sealed class EventJsonTests
{
    [Theory]
    [InlineData("""{"account":"ann","folder":"INBOX","uidValidity":1,"uid":4711}""")]
    [InlineData("""{"Account":"ann","FOLDER":"INBOX","uidValidity":"1","uid":"4711","from":null,"to":null,"flags":null,"attachments":null,"subject":null}""")]
    public void The_key_is_enough_and_all_else_is_as_in_an_event_without_it(string json)
    {
        var message = EventJson.Read(json);
        Assert.Equal(("ann", "INBOX", 1u, 4711u, 1), (message.Account, message.Folder, message.UidValidity, message.Uid, message.Attempt));
        Assert.All(typeof(ImapEvent).GetProperties().Where(property => property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)), list => Assert.NotNull(list.GetValue(message)));
        Assert.Equal("", BindingData.Of(message)["From"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{"account":"ann","folder":"INBOX","uidValidity":1}""")]
    [InlineData("""{"account":null,"folder":"INBOX","uidValidity":1,"uid":1}""")]
    public void Without_its_key_it_is_none(string json) => Assert.Throws<JsonException>(() => EventJson.Read(json));

    [Fact]
    public void What_is_written_is_read() => Assert.Equal(EventJson.Write(SampleEvents.Full), EventJson.Write(EventJson.Read(EventJson.Write(SampleEvents.Full))));
}
