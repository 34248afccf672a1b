using System.Globalization;
using System.Text;

namespace ImapTrigger.UnitTests.Filtering;

/// <summary>
/// A second implementation of the filter, slow and obvious: true, false, or null for what is not known. It is written from docs/filter.md and shares nothing with the
/// first.
/// </summary>
internal abstract record Expression
{
    public abstract bool? Evaluate(ImapEvent message);

    public abstract string Print(bool within = false);

    /// <summary>Both are put together character by character, so that it does not matter how they were composed.</summary>
    public static string Plain(string text)
    {
        var plain = new StringBuilder();
        foreach (var c in text.Normalize(NormalizationForm.FormKC))
        {
            var small = char.ToLowerInvariant(char.ToUpperInvariant(c));
            if (!char.IsWhiteSpace(small))
                plain.Append(small);
            else if (plain.Length > 0 && plain[^1] != ' ')
                plain.Append(' ');
        }

        return plain.ToString().TrimEnd().Normalize(NormalizationForm.FormKC);
    }

    protected static bool Holds(string text, string part)
    {
        var (whole, wanted) = (Plain(text), Plain(part));
        for (var at = 0; at + wanted.Length <= whole.Length; at++)
        {
            if (string.CompareOrdinal(whole, at, wanted, 0, wanted.Length) == 0)
                return true;
        }

        return false;
    }
}

internal sealed record All(Expression A, Expression B, bool Word) : Expression
{
    public override bool? Evaluate(ImapEvent message) => (A.Evaluate(message), B.Evaluate(message)) switch
    {
        (false, _) or (_, false) => false,
        (null, _) or (_, null) => null,
        _ => true,
    };

    public override string Print(bool within) => within ? $"({Print(false)})" : $"{A.Print(true)}{(Word ? " AND " : "  ")}{B.Print(true)}";
}

internal sealed record Either(Expression A, Expression B) : Expression
{
    public override bool? Evaluate(ImapEvent message) => (A.Evaluate(message), B.Evaluate(message)) switch
    {
        (true, _) or (_, true) => true,
        (null, _) or (_, null) => null,
        _ => false,
    };

    public override string Print(bool within) => within ? $"({Print(false)})" : $"{A.Print(true)} OR {B.Print(true)}";
}

internal sealed record No(Expression A, bool Word) : Expression
{
    public override bool? Evaluate(ImapEvent message) => !A.Evaluate(message);

    public override string Print(bool within) => $"{(Word ? "NOT " : "-")}{A.Print(true)}";
}

/// <summary>One word with a value, or with two of which one is enough: <c>from:(a OR b)</c>.</summary>
internal sealed record Word(string Name, string Value, string? Or = null) : Expression
{
    public override bool? Evaluate(ImapEvent message) => Or is null ? One(message, Value) : new Either(this with { Or = null }, new Word(Name, Or)).Evaluate(message);

    public override string Print(bool within) => Or is null ? $"{Name}:{Quoted(Value)}" : $"{Name}:({Quoted(Value)} OR {Quoted(Or)})";

    private static string Quoted(string value) => value.Any(c => char.IsWhiteSpace(c) || c is '(' or ')' or '"' or '\\' or ':') || value[0] == '-'
        ? $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""
        : value;

    private bool? One(ImapEvent message, string value)
    {
        var isWhole = message.IncompleteReason is null;
        // In a list that is not all, what is not there may be.
        bool? In<T>(IReadOnlyList<T> list, Predicate<T> wanted) => list.ToList().Exists(wanted) ? true : isWhole && list.Count < 100 ? false : null;
        bool? IsOfList() => message.Kind is null ? null : message.Kind == ImapMessageKind.List || message.ListId is not null;
        switch (Name.ToLowerInvariant())
        {
            case "from": return In(message.From, address => Means(value, address, message.Account));
            case "to": return In(message.To, address => Means(value, address, message.Account));
            case "cc": return In(message.Cc, address => Means(value, address, message.Account));
            case "replyto": return In(message.ReplyTo, address => Means(value, address, message.Account));
            case "subject":
                return message.Subject is not null && Holds(message.Subject, value) ? true : isWhole && (message.Subject?.Length ?? 0) < 2048 ? false : null;
            case "has": return In(message.Attachments, _ => true);
            case "filename": return In(message.Attachments, attachment => attachment.Name is not null && Holds(attachment.Name, value));
            case "larger": return message.Size is null ? null : message.Size > Bytes(value);
            case "smaller": return message.Size is null ? null : message.Size < Bytes(value);
            case "before": return message.InternalDate is null ? null : message.InternalDate.Value.UtcDateTime < DateTime.Parse(value, CultureInfo.InvariantCulture);
            case "after": return message.InternalDate is null ? null : message.InternalDate.Value.UtcDateTime >= DateTime.Parse(value, CultureInfo.InvariantCulture);
            case "list" when Plain(value) == "any": return IsOfList();
            case "list" when Plain(value) == "none": return !IsOfList();
            case "list": return message.Kind is null ? null : message.ListId is not null && Holds(message.ListId, value);
            case "verified":
                bool? verified = message.Authentication?.Verified == true ? true : isWhole && message.Kind is not null ? false : null;
                return Plain(value) == "yes" ? verified : !verified;
            case "spf" or "dkim" or "dmarc":
                var result = Name.ToLowerInvariant() switch { "spf" => message.Authentication?.Spf, "dkim" => message.Authentication?.Dkim, _ => message.Authentication?.Dmarc };
                return result is not null ? Plain(result.ToString()!) == Plain(value) : isWhole && message.Kind is not null ? false : null;
            case "keyword": return In(message.Keywords, keyword => Plain(keyword) == Plain(value));
            case "label": return In(message.Labels, label => Plain(label) == Plain(value));
            case "header" when value.Contains('=', StringComparison.Ordinal):
                var (name, text) = (value[..value.IndexOf('=', StringComparison.Ordinal)], value[(value.IndexOf('=', StringComparison.Ordinal) + 1)..]);
                return !message.Headers.TryGetValue(name, out var values) ? null : values.Any(field => Holds(field, text)) ? true : false;
            case "header": return !message.Headers.TryGetValue(value, out var any) ? null : any.Count > 0;
            case "is":
                return Plain(value) switch
                {
                    "normal" => message.Kind is null ? null : message.Kind == ImapMessageKind.Normal,
                    "bounce" => message.Kind is null ? null : message.Kind == ImapMessageKind.Bounce,
                    "report" => message.Kind is null ? null : message.Kind == ImapMessageKind.Report,
                    "auto" => message.Kind is null ? null : message.Kind is ImapMessageKind.AutoSubmitted or ImapMessageKind.Bounce or ImapMessageKind.Report,
                    "list" => IsOfList(),
                    "seen" or "read" => In(message.Flags, flag => flag == @"\Seen"),
                    "unseen" or "unread" => !In(message.Flags, flag => flag == @"\Seen"),
                    "flagged" or "starred" => In(message.Flags, flag => flag == @"\Flagged"),
                    "answered" => In(message.Flags, flag => flag == @"\Answered"),
                    "draft" => In(message.Flags, flag => flag == @"\Draft"),
                    "deleted" => In(message.Flags, flag => flag == @"\Deleted"),
                    _ => throw new InvalidOperationException(value),
                };
            default: throw new InvalidOperationException(Name);
        }
    }

    private static bool Means(string value, ImapAddress address, string account)
    {
        var (wanted, whole) = (Plain(value), Plain(address.Address));
        var at = whole.LastIndexOf('@');
        var domain = at < 0 ? "" : Dns(whole[(at + 1)..]);
        if (wanted == "me")
            return whole == Plain(account);
        if (wanted.StartsWith('@'))
            return domain == Dns(wanted[1..]);
        if (wanted.Contains('@', StringComparison.Ordinal))
            return at >= 0 && whole[..at] + "@" + domain == wanted[..wanted.LastIndexOf('@')] + "@" + Dns(wanted[(wanted.LastIndexOf('@') + 1)..]);
        if (wanted.Contains('.', StringComparison.Ordinal) && !wanted.Contains(' ', StringComparison.Ordinal))
            return ("." + domain).EndsWith("." + Dns(wanted), StringComparison.Ordinal);
        return Holds(address.Address, value) || (address.Name is not null && Holds(address.Name, value));
    }

    private static string Dns(string domain) => domain.All(char.IsAscii) ? domain : new IdnMapping().GetAscii(domain);

    private static double Bytes(string size)
    {
        var digits = new string(size.TakeWhile(char.IsAsciiDigit).ToArray());
        var power = size[digits.Length..].ToLowerInvariant() switch { "" or "b" => 0, "k" or "kb" => 1, "m" or "mb" => 2, _ => 3 };
        return double.Parse(digits, CultureInfo.InvariantCulture) * Math.Pow(1024, power);
    }
}
