using System.Reflection;
using System.Text.Json;
using ImapTrigger.Connections;
using ImapTrigger.Hosting;
using Microsoft.Azure.WebJobs.Hosting;

namespace ImapTrigger.UnitTests.Hosting;

/// <summary>The tables of the docs say what the code says.</summary>
public sealed class ReferencePageTests
{
    [Fact]
    public void Every_setting_of_host_json_is_in_the_table_with_its_default()
    {
        var rows = Rows("reference.md", "| setting | default | bounds |");
        var options = JsonDocument.Parse(((IOptionsFormatter)new ImapIdleOptions()).Format()).RootElement.EnumerateObject().ToDictionary(option => option.Name, option => option.Value);
        Assert.Equal(options.Keys.Order(), rows.Keys.Order());
        Assert.All(options.Where(option => option.Value.ValueKind != JsonValueKind.Null), option => Assert.Equal($"`{option.Value}`", rows[option.Key]));
    }

    [Fact]
    public void Every_property_of_the_attribute_is_in_the_table_with_its_default()
    {
        var rows = Rows("reference.md", "| property | default |");
        var attribute = new ImapIdleTriggerAttribute();
        var properties = typeof(ImapIdleTriggerAttribute).GetProperties(BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.Instance);
        Assert.Equal(properties.ToDictionary(property => property.Name, property => property.GetValue(attribute) is { } value ? $"`{value}`" : WithoutValue[property.Name]).Order(KeyOrder), rows.Order(KeyOrder));
    }

    [Fact]
    public void Every_setting_of_a_mailbox_is_in_a_table()
    {
        Assert.Equal(AccountSettings.Known.Select(name => $"Imap__{name}").Order(), Rows("connections.md", "| setting | default | meaning |").Keys.Order());
        Assert.Equal(
            AccountSettings.KnownWithOAuth.Except(AccountSettings.Known).Select(name => $"Imap__{name}").Order(), Rows("connections.md", "| setting with oauth2 | default | meaning |").Keys.Order());
    }

    [Fact]
    public void The_event_of_the_page_has_the_properties_of_the_event()
    {
        var page = Docs.Read("reference.md");
        var json = page[page.IndexOf("```json", StringComparison.Ordinal)..].Split("```")[1]["json".Length..];
        using var shown = JsonDocument.Parse(json);
        Assert.Equal(
            typeof(ImapEvent).GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)).Order(),
            shown.RootElement.EnumerateObject().Select(property => property.Name).Order());
    }

    private static Dictionary<string, string> WithoutValue { get; } = new() { ["StateName"] = "its name", ["Filter"] = "every message", ["Headers"] = "none" };

    private static Comparer<KeyValuePair<string, string>> KeyOrder { get; } = Comparer<KeyValuePair<string, string>>.Create((a, b) => string.CompareOrdinal(a.Key, b.Key));

    private static Dictionary<string, string> Rows(string page, string heading) => Docs.Read(page).Split('\n')
        .SkipWhile(line => !line.StartsWith(heading, StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'))
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
        .ToDictionary(cells => cells[1].Split('`')[1], cells => cells[2]);
}
