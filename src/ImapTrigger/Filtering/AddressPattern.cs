namespace ImapTrigger.Filtering;

/// <summary>
/// Whom <c>from:</c> and its like mean, by the form of the value: <c>ann@contoso.com</c> that address; <c>@contoso.com</c> that domain; <c>contoso.com</c>, a dot and no
/// space, that domain and those below; <c>me</c> the account itself; else a part of the display name or the address. A name never passes for a domain or an address.
/// </summary>
internal sealed class AddressPattern
{
    private readonly Func<ImapAddress, string, bool> _matches;

    private AddressPattern(Func<ImapAddress, string, bool> matches) => _matches = matches;

    public static AddressPattern? Read(string value, out string? problem)
    {
        problem = null;
        var text = FoldedText.Of(value);
        var at = text.LastIndexOf('@');
        if (at >= 0 && (at == text.Length - 1 || text.Contains(' ', StringComparison.Ordinal)))
        {
            problem = $"'{value}' is no address; write ann@contoso.com, or @contoso.com for a whole domain";
            return null;
        }

        if (at == 0 && FoldedText.OfDomain(text[1..]) is var domain)
            return new((address, _) => DomainOf(address.Address) == domain);
        if (at > 0 && (text[..at], FoldedText.OfDomain(text[(at + 1)..])) is var (local, host))
            return new((address, _) => LocalPartOf(address.Address) == local && DomainOf(address.Address) == host);
        if (text == "me")
            return new((address, account) => account.Contains('@', StringComparison.Ordinal) ? FoldedText.Of(address.Address) == FoldedText.Of(account) : LocalPartOf(address.Address) == FoldedText.Of(account));
        if (text.Contains('.', StringComparison.Ordinal) && !text.Contains(' ', StringComparison.Ordinal) && FoldedText.OfDomain(text) is var upper)
            return new((address, _) => DomainOf(address.Address) is var lower && (lower == upper || lower.EndsWith('.' + upper, StringComparison.Ordinal)));
        return new((address, _) => FoldedText.Of(address.Address).Contains(text, StringComparison.Ordinal) || (address.Name is { } name && FoldedText.Of(name).Contains(text, StringComparison.Ordinal)));
    }

    public bool Matches(ImapAddress address, string account) => _matches(address, account);

    private static string LocalPartOf(string address) => address.LastIndexOf('@') is var at && at < 0 ? FoldedText.Of(address) : FoldedText.Of(address[..at]);

    private static string DomainOf(string address) => address.LastIndexOf('@') is var at && at < 0 ? "" : FoldedText.OfDomain(address[(at + 1)..]);
}
