using ImapTrigger.Imap;
using MailKit;
using MimeKit;

namespace ImapTrigger.UnitTests.Imap;

/// <summary>A placeholder that a server writes for what it cannot read is no sender. Those that MimeKit would not let us write come from servers (<c>ReadingTests</c>).</summary>
public sealed class EnvelopeDoubtTests
{
    [Theory]
    [InlineData("ann@example.org", false)]
    [InlineData("ANN@example.org", false)]
    [InlineData("first_last@example.org", false)]
    [InlineData("MISSING_MAILBOX@example.org", true)]
    [InlineData("ann@MISSING_DOMAIN", true)]
    [InlineData("ann@Unspecified-Domain", true)]
    [InlineData("ann", true)]
    [InlineData("", true)]
    public void A_placeholder_is_known_by_its_form(string address, bool isPlaceholder)
    {
        Assert.Equal(isPlaceholder, EnvelopeDoubt.IsPlaceholder(new MailboxAddress("", address)));
        Assert.Equal(isPlaceholder, EnvelopeDoubt.IsPlaceholder(new GroupAddress("g", [new MailboxAddress("", "bob@example.org"), new MailboxAddress("", address)])));
    }

    [Fact]
    public void A_group_without_members_is_none() => Assert.False(EnvelopeDoubt.IsPlaceholder(new GroupAddress("undisclosed-recipients")));

    [Theory]
    [InlineData("undisclosed-recipients", true)]
    [InlineData("Undisclosed recipients", true)]
    [InlineData("undisclosed@example.org", false)]
    [InlineData("ann", false)]
    public void A_list_without_readers_is_nobody(string address, bool isNobody) => Assert.Equal(isNobody, EnvelopeDoubt.IsNobody(address));

    [Fact]
    public void A_server_is_believed_that_gave_all_that_it_sent()
    {
        var envelope = NewEnvelope();
        Assert.False(EnvelopeDoubt.IsDoubtful(envelope, new FetchNote(7, Garbled: false)));
        Assert.False(EnvelopeDoubt.IsDoubtful(envelope, new FetchNote(null, Garbled: false)));
        Assert.True(EnvelopeDoubt.IsDoubtful(envelope, new FetchNote(8, Garbled: false)));
        Assert.True(EnvelopeDoubt.IsDoubtful(envelope, new FetchNote(7, Garbled: true)));
    }

    [Fact]
    public void One_placeholder_that_an_event_would_show_is_enough_to_doubt()
    {
        foreach (var choose in new Func<Envelope, InternetAddressList>[] { envelope => envelope.From, envelope => envelope.To, envelope => envelope.Cc, envelope => envelope.ReplyTo })
        {
            var envelope = NewEnvelope();
            choose(envelope).Add(new MailboxAddress("", "ann@MISSING_DOMAIN"));
            Assert.True(EnvelopeDoubt.IsDoubtful(envelope, default));
            EnvelopeDoubt.RemovePlaceholders(envelope);
            Assert.False(EnvelopeDoubt.IsDoubtful(envelope, new FetchNote(7, Garbled: false)));
        }

        var blind = NewEnvelope();
        blind.Bcc.Add(new MailboxAddress("", "ann@MISSING_DOMAIN"));
        Assert.False(EnvelopeDoubt.IsDoubtful(blind, default));
    }

    /// <summary>Seven addresses, as the protocol counts: a group has a beginning and an end.</summary>
    private static Envelope NewEnvelope()
    {
        var envelope = new Envelope();
        envelope.From.Add(new MailboxAddress("Ann", "ann@example.org"));
        envelope.Sender.Add(new MailboxAddress("Ann", "ann@example.org"));
        envelope.To.Add(new GroupAddress("g", [new MailboxAddress("", "bob@example.org"), new MailboxAddress("", "cid@example.org")]));
        envelope.Bcc.Add(new MailboxAddress("", "dan@example.org"));
        return envelope;
    }
}
