namespace ImapTrigger.Imap;

/// <summary>The selected folder, as who looks for new mail asks for it. No answer of these is believed alone.</summary>
internal interface IFolderView
{
    /// <summary>As it was when it was selected.</summary>
    SelectedFolder Selected { get; }

    /// <summary>Whether the server has ids of its own for messages, so that <see cref="FetchRung.WithoutIds"/> asks for less.</summary>
    bool HasIds { get; }

    /// <summary>What the server has said on its own and nobody has read.</summary>
    IReadOnlyList<IdleUpdate> DrainUpdates();

    /// <summary>The UIDs that there are in these ranges, by FETCH; rising.</summary>
    Task<IReadOnlyList<uint>> FindAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken);

    /// <summary>The same by SEARCH.</summary>
    Task<IReadOnlyList<uint>> SearchAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken);

    /// <summary>The metadata of these messages.</summary>
    Task<FetchAnswer> FetchAsync(IReadOnlyList<uint> uids, FetchRung rung, CancellationToken cancellationToken);

    /// <summary>The metadata of all messages above a UID: for few that have been announced.</summary>
    Task<FetchAnswer> FetchAboveAsync(uint uid, FetchRung rung, CancellationToken cancellationToken);

    /// <summary>When messages in these ranges came, and what they call themselves if that is asked for; rising by UID.</summary>
    Task<IReadOnlyList<Arrival>> FetchArrivalsAsync(IReadOnlyList<UidRange> ranges, bool messageIds, CancellationToken cancellationToken);

    /// <summary>The same of the last messages, so many by position.</summary>
    Task<IReadOnlyList<Arrival>> FetchLastArrivalsAsync(int count, CancellationToken cancellationToken);

    /// <summary>What the folder's name means now; null when the server does not say.</summary>
    Task<FolderStatus?> StatusAsync(CancellationToken cancellationToken);
}
