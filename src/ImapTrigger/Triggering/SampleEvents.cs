namespace ImapTrigger.Triggering;

/// <summary>The two ends of what an event can be, to try a user's class with at start.</summary>
internal static class SampleEvents
{
    public static ImapEvent Bare { get; } = new() { Account = "ann@example.org", Folder = "INBOX", UidValidity = 1, Uid = 1 };

    public static ImapEvent Full { get; } = Bare with
    {
        MessageId = "1@example.org",
        InReplyTo = "0@example.org",
        References = ["0@example.org"],
        Subject = "Invoice",
        From = [new ImapAddress("Bob", "bob@example.org")],
        To = [new ImapAddress("Ann", "ann@example.org")],
        Cc = [new ImapAddress(null, "cc@example.org")],
        ReplyTo = [new ImapAddress(null, "replies@example.org")],
        Date = DateTimeOffset.UnixEpoch,
        InternalDate = DateTimeOffset.UnixEpoch,
        Size = 5_000_000_000,
        Flags = [@"\Seen"],
        Keywords = ["$Forwarded"],
        Labels = ["Work"],
        Attachments = [new ImapAttachment("invoice.pdf", "application/pdf", 4711)],
        Kind = ImapMessageKind.List,
        ListId = "dev.example.org",
        Authentication = new ImapAuthentication
        {
            AuthservId = "mx.example.org",
            Verified = true,
            Spf = ImapAuthenticationResult.Pass,
            SpfDomain = "example.org",
            Dkim = ImapAuthenticationResult.Pass,
            DkimDomains = ["example.org"],
            Dmarc = ImapAuthenticationResult.Pass,
            DmarcDomain = "example.org",
        },
        Headers = new Dictionary<string, IReadOnlyList<string>> { ["X-Priority"] = ["1"] },
        EmailId = "M1",
        ThreadId = "T1",
        Tag = "tenant-17",
    };
}
