using ImapTrigger.Diagnostics;

namespace ImapTrigger.UnitTests.Diagnostics;

public sealed class TagValuesTests
{
    [Fact]
    public void However_many_tags_there_are_metrics_have_so_many_values_and_a_value_that_it_has_it_keeps()
    {
        var first = TagValues.Bounded("tag-0");
        var values = Enumerable.Range(0, 10_000).Select(i => TagValues.Bounded($"tag-{i}")).ToHashSet();
        Assert.InRange(values.Count, 2, TagValues.Max + 1);
        Assert.Contains(TagValues.Other, values);
        Assert.Equal(("tag-0", "tag-0"), (first, TagValues.Bounded("tag-0")));
        Assert.Equal(TagValues.Other, TagValues.Bounded("tag-9999"));
    }
}
