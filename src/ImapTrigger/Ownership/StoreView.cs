namespace ImapTrigger.Ownership;

/// <summary>Who holds what, as one look at the store shows it.</summary>
/// <param name="Held">The partitions that somebody holds now, each with the instance's name where it is known.</param>
/// <param name="Instances">The instances that have made themselves known lately, whether they hold something or not.</param>
/// <param name="Open">Messages taken up and not settled, in all partitions, as last written.</param>
internal sealed record StoreView(IReadOnlyDictionary<int, string?> Held, IReadOnlyCollection<string> Instances, long Open = 0);
