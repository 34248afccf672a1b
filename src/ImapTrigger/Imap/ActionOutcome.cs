namespace ImapTrigger.Imap;

/// <summary>What has become of an action on a message.</summary>
internal enum ActionOutcome
{
    Done,

    /// <summary>The message is flagged as deleted and stays: the server cannot expunge one alone.</summary>
    OnlyFlagged,

    /// <summary>It would bring messages into the folder that is watched.</summary>
    ToItself,
}
