using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace ImapTrigger.Imap;

/// <summary>Updates as the XML that users of other IMAP libraries know: one element each, inside <c>&lt;idle&gt;</c>.</summary>
public static class IdleXml
{
    private const int MaxSpeltOut = 10_000;

    /// <summary>
    /// Renders updates in the order in which they came; <c>&lt;idle&gt;&lt;/idle&gt;</c> for none. Of UIDs that vanished there is one element each; a range of more than
    /// 10,000 is one element: <c>uid="1:200000000"</c>.
    /// </summary>
    /// <param name="updates">What <see cref="ImapIdle.CheckAsync"/> returned.</param>
    /// <exception cref="ArgumentNullException"><paramref name="updates"/> is null.</exception>
    public static string ToXml(this IEnumerable<IdleUpdate> updates)
    {
        ArgumentNullException.ThrowIfNull(updates);
        var children = updates.SelectMany(ElementsOf).ToArray();
        // A full end tag even when empty: parsers of the old format look for it literally.
        return new XElement("idle", children.Length == 0 ? string.Empty : children).ToString(SaveOptions.DisableFormatting);
    }

    private static IEnumerable<XElement> ElementsOf(IdleUpdate update) => update switch
    {
        ExistsUpdate exists => [new XElement("exists", exists.Count)],
        RecentUpdate recent => [new XElement("recent", recent.Count)],
        ExpungeUpdate expunge => [new XElement("expunge", expunge.SequenceNumber)],
        VanishedUpdate vanished => vanished.Ranges.SelectMany(SpellOut).Select(uid => new XElement("vanished", new XAttribute("uid", uid))),
        FlagsUpdate flags =>
        [
            new XElement(
                "flags",
                new XAttribute("seqnum", flags.SequenceNumber),
                flags.Uid is { } uid ? new XAttribute("uid", uid) : null,
                flags.Flags.Select(flag => new XElement("flag", Printable(flag)))),
        ],
        RawUpdate raw => [new XElement("raw", Printable(raw.Line))],
        _ => throw new ArgumentOutOfRangeException(nameof(update), update.GetType().Name, "No element for this update."),
    };

    /// <summary>One by one, up to so many that somebody may have deleted them.</summary>
    private static IEnumerable<string> SpellOut(UidRange range) => range.Count > MaxSpeltOut ? [range.ToString()] : range.Uids().Select(uid => uid.ToString(CultureInfo.InvariantCulture));

    /// <summary>XML 1.0 cannot carry most control characters at all: they are written as \xNN.</summary>
    private static string Printable(string text)
    {
        if (text.All(XmlConvert.IsXmlChar))
            return text;
        var printable = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (XmlConvert.IsXmlChar(c))
                printable.Append(c);
            else
                printable.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:X2}");
        }

        return printable.ToString();
    }
}
