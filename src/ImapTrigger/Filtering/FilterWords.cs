using System.Globalization;

namespace ImapTrigger.Filtering;

/// <summary>The words of a filter: what each takes, and when it holds. docs/filter.md has them as a table.</summary>
internal static class FilterWords
{
    private delegate Func<ImapEvent, Truth>? Reader(string value, IReadOnlyCollection<string> headers, out string? problem);

    private static readonly Dictionary<string, Func<ImapEvent, Truth>> States = new(StringComparer.OrdinalIgnoreCase)
    {
        ["normal"] = Kind(ImapMessageKind.Normal),
        // A bounce and a receipt are made by programs, too.
        ["auto"] = Kind(ImapMessageKind.AutoSubmitted, ImapMessageKind.Bounce, ImapMessageKind.Report),
        ["bounce"] = Kind(ImapMessageKind.Bounce),
        ["report"] = Kind(ImapMessageKind.Report),
        ["list"] = message => IsOfList(message),
        ["seen"] = Flag(@"\Seen"),
        ["read"] = Flag(@"\Seen"),
        ["unseen"] = NotSeen,
        ["unread"] = NotSeen,
        ["flagged"] = Flag(@"\Flagged"),
        ["starred"] = Flag(@"\Flagged"),
        ["answered"] = Flag(@"\Answered"),
        ["draft"] = Flag(@"\Draft"),
        ["deleted"] = Flag(@"\Deleted"),
    };

    private static readonly Dictionary<string, ImapAuthenticationResult> Results =
        Enum.GetValues<ImapAuthenticationResult>().ToDictionary(result => result.ToString(), StringComparer.OrdinalIgnoreCase);

    private static readonly Dictionary<string, Reader> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["from"] = Addresses(message => message.From),
        ["to"] = Addresses(message => message.To),
        ["cc"] = Addresses(message => message.Cc),
        ["replyto"] = Addresses(message => message.ReplyTo),
        ["subject"] = Subject,
        ["has"] = Has,
        ["filename"] = FileName,
        ["larger"] = Size((size, limit) => size > limit),
        ["smaller"] = Size((size, limit) => size < limit),
        ["before"] = Date((date, day) => date < day),
        ["after"] = Date((date, day) => date >= day),
        ["is"] = Is,
        ["list"] = List,
        ["verified"] = Verified,
        ["spf"] = Result(authentication => authentication.Spf),
        ["dkim"] = Result(authentication => authentication.Dkim),
        ["dmarc"] = Result(authentication => authentication.Dmarc),
        ["keyword"] = OneOf(message => message.Keywords),
        ["label"] = OneOf(message => message.Labels),
        ["header"] = Header,
    };

    public static IEnumerable<string> All => Words.Keys;

    public static IEnumerable<string> AllStates => States.Keys;

    public static bool IsKnown(string word) => Words.ContainsKey(word);

    public static string Unknown(string word) => $"'{word}:' is not known; there are {string.Join(", ", Words.Keys)}";

    /// <summary>When the condition holds; null, with the problem, when the value is not one of this word's.</summary>
    public static Func<ImapEvent, Truth>? Read(string word, string value, IReadOnlyCollection<string> headers, out string? problem) => Words[word](value, headers, out problem);

    private static Reader Addresses(Func<ImapEvent, IReadOnlyList<ImapAddress>> list) => (string value, IReadOnlyCollection<string> _, out string? problem) =>
    {
        var who = AddressPattern.Read(value, out problem);
        return who is null ? null : message => Any(message, list(message), address => who.Matches(address, message.Account));
    };

    private static Func<ImapEvent, Truth> Subject(string value, IReadOnlyCollection<string> headers, out string? problem)
    {
        problem = null;
        var wanted = FoldedText.Of(value);
        return message => message.Subject is { } subject && FoldedText.Of(subject).Contains(wanted, StringComparison.Ordinal) ? Truth.True
            : IsWhole(message.Complete, message.Subject?.Length ?? 0, ImapEvent.MaxSubject);
    }

    private static Func<ImapEvent, Truth>? Has(string value, IReadOnlyCollection<string> headers, out string? problem)
    {
        problem = value.Equals("attachment", StringComparison.OrdinalIgnoreCase) ? null : $"has:{value} is not known; there is has:attachment";
        return problem is null ? message => Any(message, message.Attachments, _ => true) : null;
    }

    private static Func<ImapEvent, Truth> FileName(string value, IReadOnlyCollection<string> headers, out string? problem)
    {
        problem = null;
        var wanted = FoldedText.Of(value);
        return message => Any(message, message.Attachments, attachment => attachment.Name is { } name && FoldedText.Of(name).Contains(wanted, StringComparison.Ordinal));
    }

    private static Reader Size(Func<long, long, bool> holds) => (string value, IReadOnlyCollection<string> _, out string? problem) =>
    {
        var unit = value.TrimStart(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        var factor = unit.ToUpperInvariant() switch { "" or "B" => 1L, "K" or "KB" => 1L << 10, "M" or "MB" => 1L << 20, "G" or "GB" => 1L << 30, _ => 0 };
        problem = factor > 0 && long.TryParse(value.AsSpan(0, value.Length - unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 1L << 30
            ? null
            : $"'{value}' is no size; write 10000, 10k, 5M or 1G";
        if (problem is not null)
            return null;
        var limit = long.Parse(value.AsSpan(0, value.Length - unit.Length), CultureInfo.InvariantCulture) * factor;
        return message => message.Size is { } size ? Of(holds(size, limit)) : Truth.Unknown;
    };

    private static Reader Date(Func<DateTimeOffset, DateTimeOffset, bool> holds) => (string value, IReadOnlyCollection<string> _, out string? problem) =>
    {
        var isDate = DateTimeOffset.TryParseExact(value, ["yyyy-M-d", "yyyy/M/d"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day);
        problem = isDate ? null : $"'{value}' is no date; write 2026-11-30";
        return isDate ? message => message.InternalDate is { } date ? Of(holds(date, day)) : Truth.Unknown : null;
    };

    private static Func<ImapEvent, Truth>? Is(string value, IReadOnlyCollection<string> headers, out string? problem)
    {
        problem = States.ContainsKey(value) ? null : $"is:{value} is not known; there are {string.Join(", ", States.Keys)}";
        return States.GetValueOrDefault(value);
    }

    private static Func<ImapEvent, Truth> List(string value, IReadOnlyCollection<string> headers, out string? problem)
    {
        problem = null;
        var wanted = FoldedText.Of(value);
        return wanted switch
        {
            "any" => IsOfList,
            "none" => message => Truth.True - (int)IsOfList(message),
            _ => message => message.Kind is null ? Truth.Unknown : Of(message.ListId is { } id && FoldedText.Of(id).Contains(wanted, StringComparison.Ordinal)),
        };
    }

    private static Func<ImapEvent, Truth>? Verified(string value, IReadOnlyCollection<string> headers, out string? problem)
    {
        bool? wanted = value.ToUpperInvariant() switch { "YES" => true, "NO" => false, _ => null };
        problem = wanted is null ? $"'{value}' is neither yes nor no" : null;
        return wanted switch
        {
            null => null,
            true => IsVerified,
            false => message => Truth.True - (int)IsVerified(message),
        };

        static Truth IsVerified(ImapEvent message) => message.Authentication is { Verified: true } ? Truth.True : message is { Complete: true, Kind: not null } ? Truth.False : Truth.Unknown;
    }

    private static Reader Result(Func<ImapAuthentication, ImapAuthenticationResult?> of) => (string value, IReadOnlyCollection<string> _, out string? problem) =>
    {
        problem = Results.TryGetValue(value, out var wanted) ? null : $"'{value}' is no result; there are {string.Join(", ", Results.Keys).ToLowerInvariant()}";
        return problem is not null ? null : message =>
            message.Authentication is { } authentication && of(authentication) is { } result ? Of(result == wanted) : message is { Complete: true, Kind: not null } ? Truth.False : Truth.Unknown;
    };

    private static Reader OneOf(Func<ImapEvent, IReadOnlyList<string>> list) => (string value, IReadOnlyCollection<string> _, out string? problem) =>
    {
        problem = null;
        var wanted = FoldedText.Of(value);
        return message => Any(message, list(message), item => FoldedText.Of(item) == wanted);
    };

    private static Func<ImapEvent, Truth>? Header(string value, IReadOnlyCollection<string> headers, out string? problem)
    {
        var (name, text) = value.Split('=', 2) is [var before, var after] ? (before.Trim(), FoldedText.Of(after)) : (value.Trim(), null);
        problem = headers.Contains(name, StringComparer.OrdinalIgnoreCase) ? null : $"the header field '{name}' is not fetched; name it in Headers as well";
        if (problem is null && text?.Length == 0)
            problem = $"nothing follows {name}=; leave the = out to ask whether the field is there";
        return problem is not null ? null : message =>
        {
            if (message.Headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value is not { } values)
                return Truth.Unknown;
            return text is null ? Of(values.Count > 0)
                : values.Any(field => FoldedText.Of(field).Contains(text, StringComparison.Ordinal)) ? Truth.True
                : IsWhole(values.All(field => field.Length < ImapEvent.MaxSubject), values.Count, ImapEvent.MaxItems);
        };
    }

    private static Func<ImapEvent, Truth> Kind(params ImapMessageKind[] kinds) => message => message.Kind is { } kind ? Of(Array.IndexOf(kinds, kind) >= 0) : Truth.Unknown;

    private static Func<ImapEvent, Truth> Flag(string name) => message => Any(message, message.Flags, flag => flag.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static Truth NotSeen(ImapEvent message) => Truth.True - (int)Flag(@"\Seen")(message);

    private static Truth IsOfList(ImapEvent message) => message.Kind is { } kind ? Of(kind == ImapMessageKind.List || message.ListId is not null) : Truth.Unknown;

    /// <summary>Whether one of a list is wanted. Of a list that may not be all of it, what is not there is unknown.</summary>
    private static Truth Any<T>(ImapEvent message, IReadOnlyList<T> list, Func<T, bool> wanted)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (wanted(list[i]))
                return Truth.True;
        }

        return IsWhole(message.Complete, list.Count, ImapEvent.MaxItems);
    }

    /// <summary>What is not there is not, if this is all; else it may have been cut off.</summary>
    private static Truth IsWhole(bool complete, int length, int limit) => complete && length < limit ? Truth.False : Truth.Unknown;

    private static Truth Of(bool value) => value ? Truth.True : Truth.False;
}
