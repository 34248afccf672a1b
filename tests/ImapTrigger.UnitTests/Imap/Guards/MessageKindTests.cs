using System.Text;
using ImapTrigger.Imap.Guards;

namespace ImapTrigger.UnitTests.Imap.Guards;

/// <summary>What a header says of how its message came to be.</summary>
public sealed class MessageKindTests
{
    [Theory]
    [InlineData("Received: x", ImapMessageKind.Normal)]
    [InlineData("Auto-Submitted: no", ImapMessageKind.Normal)]
    [InlineData("Auto-Submitted: No (written by me)", ImapMessageKind.Normal)]
    [InlineData("Return-Path: <ann@example.org>\nPrecedence: first-class", ImapMessageKind.Normal)]
    [InlineData("Content-Type: multipart/mixed; report-type=delivery-status; boundary=x", ImapMessageKind.Normal)]
    [InlineData("Content-Type: (((", ImapMessageKind.Normal)]
    [InlineData("Auto-Submitted: auto-replied", ImapMessageKind.AutoSubmitted)]
    [InlineData("auto-submitted: AUTO-GENERATED; owner=x", ImapMessageKind.AutoSubmitted)]
    [InlineData("Auto-Submitted: auto-notified\nReturn-Path: <>", ImapMessageKind.AutoSubmitted)]
    [InlineData("Auto-Submitted: anything", ImapMessageKind.AutoSubmitted)]
    [InlineData("Precedence: bulk", ImapMessageKind.AutoSubmitted)]
    [InlineData("Precedence: Junk", ImapMessageKind.AutoSubmitted)]
    [InlineData("Precedence: auto_reply", ImapMessageKind.AutoSubmitted)]
    [InlineData("List-Id: Dev <dev.lists.example.org>\nAuto-Submitted: auto-generated", ImapMessageKind.AutoSubmitted)]
    [InlineData("Content-Type: multipart/report; report-type=delivery-status; boundary=x\nAuto-Submitted: auto-replied", ImapMessageKind.Bounce)]
    [InlineData("Content-Type: Multipart/Report;\n boundary=x;\n\treport-type=\"Delivery-Status\"", ImapMessageKind.Bounce)]
    [InlineData("Return-Path: <>", ImapMessageKind.Bounce)]
    [InlineData("Return-Path: < >\nX-Failed-Recipients: nobody@example.org", ImapMessageKind.Bounce)]
    [InlineData("Content-Type: multipart/report; report-type=feedback-report; boundary=x\nReturn-Path: <>", ImapMessageKind.Report)]
    [InlineData("Content-Type: multipart/report; report-type=disposition-notification; boundary=x\nReturn-Path: <>", ImapMessageKind.Report)]
    [InlineData("Content-Type: multipart/report; boundary=x", ImapMessageKind.Report)]
    [InlineData("List-Id: <dev.lists.example.org>\nPrecedence: bulk", ImapMessageKind.List)]
    [InlineData("List-Post: <mailto:dev@lists.example.org>", ImapMessageKind.List)]
    [InlineData("Precedence: list", ImapMessageKind.List)]
    public void It_is_told(string header, ImapMessageKind kind) => Assert.Equal(kind, MessageKind.Of(Fields.Of(header)));

    [Theory]
    [InlineData("List-Id: \"Developers <here>\" <dev.lists.example.org>", "dev.lists.example.org")]
    [InlineData("List-Id: Developers\n\t<dev.lists.example.org>", "dev.lists.example.org")]
    [InlineData("List-Id: dev.lists.example.org", "dev.lists.example.org")]
    [InlineData("List-Id: <>", null)]
    [InlineData("List-Id: > <", "> <")]
    [InlineData("Subject: x", null)]
    public void A_list_is_known_by_its_id(string header, string? id) => Assert.Equal(id, MessageKind.ListIdOf(Fields.Of(header)));

    [Fact]
    public void References_are_taken_apart_and_the_last_ones_kept()
    {
        Assert.Equal(["1@x", "2@y"], HeaderReading.ReferencesOf(Fields.Of("References: <1@x>\n <2@y>")));
        Assert.Empty(HeaderReading.ReferencesOf([]));
        var many = HeaderReading.ReferencesOf([new HeaderField("References", Encoding.ASCII.GetBytes(string.Join(' ', Enumerable.Range(1, 150).Select(i => $"<{i}@x>"))))]);
        Assert.Equal((ImapEvent.MaxItems, "51@x", "150@x"), (many.Count, many[0], many[^1]));
    }

    [Fact]
    public void Chosen_fields_are_by_the_names_that_were_chosen()
    {
        var reading = new HeaderReading(["X-priority", "X-Label", "X-None"], new AuthenticationTrust(null));
        var chosen = reading.ChosenOf(Fields.Of("X-Priority: 1 (Highest)\nx-label: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n =?utf-8?q?_an?= alle\nX-Label: \u0007two\u202E\nX-Other: no"));
        Assert.Equal(["X-priority", "X-Label", "X-None"], chosen.Keys);
        Assert.Equal(["1 (Highest)"], chosen["X-Priority"]);
        Assert.Equal(["Gr\u00fc\u00dfe an alle", " two "], chosen["X-Label"]);
        Assert.Empty(chosen["X-None"]);
        Assert.Empty(reading.ChosenOf(null));
        Assert.Equal(ImapEvent.MaxSubject, reading.ChosenOf([new HeaderField("X-Label", Encoding.ASCII.GetBytes(new string('x', 5000)))])["X-Label"][0].Length);
    }

    [Theory]
    [InlineData("X-Priority, X-Spam-Status", null)]
    [InlineData("x-priority,X-Priority", null)]
    [InlineData("", "'' is no name of a header field")]
    [InlineData("X-Priority,", "'' is no name")]
    [InlineData("X Priority", "'X Priority' is no name")]
    [InlineData("X-Priority:", "'X-Priority:' is no name")]
    [InlineData("X)", "'X)' is no name")]
    [InlineData("X]", "'X]' is no name")]
    [InlineData("{5}", "'{5}' is no name")]
    [InlineData("X)] RFC822.SIZE", "'X)] RFC822.SIZE' is no name")]
    [InlineData("X\r\nA1 LOGOUT", "is no name")]
    [InlineData("Gr\u00fc\u00dfe", "is no name")]
    [InlineData("A\"", "is no name")]
    [InlineData("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u", "there are 21 names; at most 20")]
    public void A_name_that_is_none_is_refused(string names, string? problem)
    {
        var parsed = HeaderNames.Parse(names, out var told);
        if (problem is null)
            Assert.Equal((true, null), (parsed.Count > 0, told));
        else
            Assert.Contains(problem, told, StringComparison.Ordinal);
    }
}
