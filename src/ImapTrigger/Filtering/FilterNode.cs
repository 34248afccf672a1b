namespace ImapTrigger.Filtering;

/// <summary>A filter, taken apart.</summary>
internal abstract record FilterNode
{
    public abstract Truth Evaluate(ImapEvent message);
}

internal sealed record AllOf(IReadOnlyList<FilterNode> Nodes) : FilterNode
{
    public override Truth Evaluate(ImapEvent message)
    {
        var least = Truth.True;
        for (var i = 0; i < Nodes.Count && least != Truth.False; i++)
            least = (Truth)Math.Min((int)least, (int)Nodes[i].Evaluate(message));
        return least;
    }
}

internal sealed record AnyOf(IReadOnlyList<FilterNode> Nodes) : FilterNode
{
    public override Truth Evaluate(ImapEvent message)
    {
        var greatest = Truth.False;
        for (var i = 0; i < Nodes.Count && greatest != Truth.True; i++)
            greatest = (Truth)Math.Max((int)greatest, (int)Nodes[i].Evaluate(message));
        return greatest;
    }
}

internal sealed record Not(FilterNode Node) : FilterNode
{
    public override Truth Evaluate(ImapEvent message) => Truth.True - (int)Node.Evaluate(message);
}

/// <summary>One word with its value.</summary>
internal sealed record Condition(Func<ImapEvent, Truth> Holds) : FilterNode
{
    public override Truth Evaluate(ImapEvent message) => Holds(message);
}
