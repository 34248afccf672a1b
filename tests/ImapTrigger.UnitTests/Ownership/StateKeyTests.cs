using FsCheck;
using FsCheck.Fluent;
using ImapTrigger.Ownership;

namespace ImapTrigger.UnitTests.Ownership;

public sealed class StateKeyTests
{
    [Fact]
    public void Plain_names_stay_readable() => Assert.Equal("my-app/orders.on-mail", StateKey.Of("my-app", "orders.on-mail"));

    [Theory]
    [InlineData("../../etc", "..")]
    [InlineData("a/b\\c:d", "Class+Nested.Method`1")]
    [InlineData("", "")]
    [InlineData("poison", "f")]
    public void Nothing_leads_out_of_the_folder_or_into_another(string app, string function)
    {
        var key = StateKey.Of(app, function);
        Assert.All(key.Split('/'), part => Assert.Matches("^[A-Za-z0-9._-]+$", part));
        Assert.Equal(2, key.Split('/').Length);
        Assert.False(key.StartsWith("poison/", StringComparison.Ordinal), "It would be among the poisoned messages.");
        Assert.DoesNotContain(key.Split('/'), part => part.Trim('.').Length == 0);
    }

    [Theory]
    [InlineData("on-mail", "on-mail")]
    [InlineData("OnMail", "OnMail")]
    [InlineData("My.Functions.OnMail", "My.Functions.OnMail")]
    [InlineData("Class+Nested.Method", null)]
    public void A_part_of_a_path_is_chosen_by_its_name_or_where_that_cannot_be_told_by_itself(string name, string? told)
    {
        var segment = StateKey.Segment(name);
        Assert.Equal(told ?? segment, StateKey.NameOf(segment));
        Assert.Equal(segment, StateKey.Chosen(StateKey.NameOf(segment)));
    }

    [Theory]
    [InlineData("../x-12345678")]
    [InlineData("..-12345678")]
    [InlineData("/-12345678")]
    public void What_only_looks_like_a_part_of_a_path_leads_nowhere_else(string name) => Assert.Matches("^[A-Za-z0-9_-][A-Za-z0-9._-]*$", StateKey.Chosen(name));

    [Fact]
    public void Different_names_have_different_places_even_where_case_does_not_count() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(NonNull<string> A, NonNull<string> B)>(), pair =>
            pair.A.Get == pair.B.Get || !StateKey.Of(pair.A.Get, "f").Equals(StateKey.Of(pair.B.Get, "f"), StringComparison.OrdinalIgnoreCase))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Names_that_differ_in_case_or_in_odd_letters_only_do_not_meet()
    {
        string[] names = ["OnMail", "onmail", "ONMAIL", "on_mail", "on/mail", "on mail", "onmail.", new string('x', 200), new string('x', 201)];
        Assert.Equal(names.Length, names.Select(name => StateKey.Of("app", name).ToUpperInvariant()).Distinct().Count());
    }
}
