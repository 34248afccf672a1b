using System.Globalization;
using System.Text;

namespace ImapTrigger.Testing.Protocol;

/// <summary>Whether a message, at its sequence number, is looked for.</summary>
internal delegate bool SearchKey(uint number, ImapTestMessage message);

/// <summary>Reads the keys of SEARCH (RFC 9051, 6.4.4). Text is compared as bytes, ASCII letters without case.</summary>
internal sealed class SearchKeys(CommandText command, SelectedFolder folder)
{
    public SearchKey Read()
    {
        var keys = new List<SearchKey> { ReadOne() };
        while (command.TryTake(' '))
            keys.Add(ReadOne());
        return All(keys);
    }

    private SearchKey ReadOne()
    {
        if (command.TryTake('('))
        {
            var inner = Read();
            command.Expect(')');
            return inner;
        }

        var word = command.Word();
        if (NumberSet.LooksLikeOne(word))
        {
            var numbers = NumberSet.Parse(word, (uint)folder.Count);
            return (number, _) => numbers.Contains(number);
        }

        return word.ToUpperInvariant() switch
        {
            "ALL" => (_, _) => true,
            "UID" => Uids(NumberSet.Parse(Argument(), folder.HighestUid)),
            "SEEN" or "ANSWERED" or "FLAGGED" or "DELETED" or "DRAFT" => Flag("\\" + word),
            "UNSEEN" or "UNANSWERED" or "UNFLAGGED" or "UNDELETED" or "UNDRAFT" => Not(Flag("\\" + word[2..])),
            "KEYWORD" => Flag(Argument()),
            "UNKEYWORD" => Not(Flag(Argument())),
            "RECENT" or "NEW" => (_, _) => false,
            "OLD" => (_, _) => true,
            "BEFORE" => ByDate((date, day) => date < day),
            "ON" => ByDate((date, day) => date == day),
            "SINCE" => ByDate((date, day) => date >= day),
            "LARGER" => BySize((size, limit) => size > limit),
            "SMALLER" => BySize((size, limit) => size < limit),
            "FROM" or "TO" or "CC" or "BCC" or "SUBJECT" => Header(word, Argument()),
            "HEADER" => Header(Argument(), Argument()),
            "BODY" => Contains("TEXT", Argument()),
            "TEXT" => Contains("", Argument()),
            "NOT" => Not(Next()),
            "OR" => Or(Next(), Next()),
            var unknown => throw new BadCommandException($"There is no search key '{unknown}'"),
        };
    }

    private string Argument()
    {
        command.Space();
        return command.Text();
    }

    private SearchKey Next()
    {
        command.Space();
        return ReadOne();
    }

    private SearchKey ByDate(Func<DateTime, DateTime, bool> holds)
    {
        var text = Argument();
        if (!DateTime.TryParseExact(text, "d-MMM-yyyy", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            throw new BadCommandException($"'{text}' is not a date");
        return (_, message) => holds(message.InternalDate.Date, day);
    }

    private SearchKey BySize(Func<int, uint, bool> holds)
    {
        var limit = CommandText.Number(Argument());
        return (_, message) => holds(message.Raw.Length, limit);
    }

    private static SearchKey Uids(NumberSet uids) => (_, message) => uids.Contains(message.Uid);

    private static SearchKey Flag(string flag) => (_, message) => message.Has(flag);

    private static SearchKey Not(SearchKey key) => (number, message) => !key(number, message);

    private static SearchKey Or(SearchKey a, SearchKey b) => (number, message) => a(number, message) || b(number, message);

    private static SearchKey All(List<SearchKey> keys) => (number, message) => keys.TrueForAll(key => key(number, message));

    private static SearchKey Header(string name, string text) => (_, message) =>
        message.Content.Message.Headers.Any(header => header.Field.Equals(name, StringComparison.OrdinalIgnoreCase)
            && (Holds(header.RawValue, text) || Holds(Encoding.UTF8.GetBytes(header.Value), text)));

    private static SearchKey Contains(string section, string text) => (_, message) => Holds(Section.Of(message.Content, section)!, text);

    private static bool Holds(byte[] bytes, string text) => Encoding.Latin1.GetString(bytes).Contains(text, StringComparison.OrdinalIgnoreCase);
}
