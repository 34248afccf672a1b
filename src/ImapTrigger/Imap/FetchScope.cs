namespace ImapTrigger.Imap;

/// <summary>How much the fetch of metadata trusts to the message's sender.</summary>
internal enum FetchScope
{
    All,

    /// <summary>The headers are fetched as bytes and cut, for MailKit gives up the connection at a subject of more than 4,096 bytes.</summary>
    WithoutEnvelope,

    /// <summary>Nor BODYSTRUCTURE: the attachments stay unknown.</summary>
    WithoutStructure,
}
