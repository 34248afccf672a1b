namespace ImapTrigger.Filtering;

/// <summary>The logic of what may not be known (Kleene's): in order, so that AND is the least and OR the greatest.</summary>
internal enum Truth
{
    False,
    Unknown,
    True,
}
