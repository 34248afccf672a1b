namespace ImapTrigger.Ownership;

/// <summary>UIDs that the server has not shown although it has shown a higher one: gone, or not visible yet. Rising and disjoint in a cursor.</summary>
/// <param name="From">The first.</param>
/// <param name="To">The last.</param>
/// <param name="Since">From when on they are watched.</param>
/// <param name="Looks">So many looks that count have denied them since.</param>
internal sealed record UidGap(uint From, uint To, DateTimeOffset Since, int Looks = 0)
{
    public bool Contains(uint uid) => From <= uid && uid <= To;

    /// <summary>What is left when one of them has turned up.</summary>
    public IEnumerable<UidGap> Without(uint uid)
    {
        if (uid > From)
            yield return this with { To = uid - 1 };
        if (uid < To)
            yield return this with { From = uid + 1 };
    }
}
