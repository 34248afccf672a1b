using ImapTrigger.Imap.Guards;
using MailKit;
using MailKit.Search;

namespace ImapTrigger.Imap;

/// <summary>The metadata of messages, in as many ways as the ladder has rungs (<see cref="FetchRung"/>).</summary>
public sealed partial class ImapSession
{
    private const MessageSummaryItems Ids = MessageSummaryItems.EmailId | MessageSummaryItems.ThreadId
        | MessageSummaryItems.GMailMessageId | MessageSummaryItems.GMailThreadId | MessageSummaryItems.GMailLabels;

    private HeaderReading _header;

    /// <summary>Who wrote the last Authentication-Results that were believed for their position alone; null when there were none.</summary>
    internal string? LearnedAuthservId { get; private set; }

    /// <summary>
    /// Names of header fields, such as <c>X-Priority</c>, that are fetched with the metadata (<see cref="ImapEvent.Headers"/>); none by default, at most 20. They cost
    /// their bytes, and no command of their own.
    /// </summary>
    /// <exception cref="ArgumentException">One is no name of a header field (RFC 5322, 3.6.8), or would not be read alike by all servers.</exception>
    public IReadOnlyList<string> Headers
    {
        get => _header.Chosen;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Count > HeaderNames.MaxNames || value.Any(name => !HeaderNames.IsValid(name)))
                throw new ArgumentException($"At most {HeaderNames.MaxNames} names of header fields, such as X-Priority.", nameof(value));
            _header = new HeaderReading(value, _header.Trust);
        }
    }

    /// <summary>The metadata of all messages above a UID, rising by UID. For a known small number; otherwise <see cref="SearchAsync"/> and fetch in portions.</summary>
    /// <param name="afterUid">The last UID that is known; zero for all.</param>
    /// <param name="cancellationToken">Gives up, and the connection with it.</param>
    /// <exception cref="InvalidOperationException">No folder is selected, or IDLE is on.</exception>
    /// <exception cref="ImapSessionException">It did not work.</exception>
    public async Task<IReadOnlyList<ImapEvent>> FetchAsync(uint afterUid, CancellationToken cancellationToken = default) =>
        WholeOf(await FetchAboveAsync(afterUid, FetchRung.All, cancellationToken));

    /// <summary>The metadata of these messages, rising by UID; those that are gone are left out.</summary>
    /// <param name="uids">Their UIDs.</param>
    /// <param name="cancellationToken">Gives up, and the connection with it.</param>
    /// <exception cref="InvalidOperationException">No folder is selected, or IDLE is on.</exception>
    /// <exception cref="ImapSessionException">It did not work.</exception>
    public async Task<IReadOnlyList<ImapEvent>> FetchAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken = default) =>
        WholeOf(await FetchAsync(uids, FetchRung.All, cancellationToken));

    /// <inheritdoc cref="IFolderView.FetchAsync"/>
    internal Task<FetchAnswer> FetchAsync(IReadOnlyList<uint> uids, FetchRung rung, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(uids);
        var asked = uids.ToHashSet();
        return FetchAsync(new UniqueIdSet(uids.Select(uid => new UniqueId(uid)), SortOrder.Ascending), asked.Contains, rung, cancellationToken);
    }

    Task<FetchAnswer> IFolderView.FetchAsync(IReadOnlyList<uint> uids, FetchRung rung, CancellationToken cancellationToken) => FetchAsync(uids, rung, cancellationToken);

    Task<FetchAnswer> IFolderView.FetchAboveAsync(uint uid, FetchRung rung, CancellationToken cancellationToken) => FetchAboveAsync(uid, rung, cancellationToken);

    private Task<FetchAnswer> FetchAboveAsync(uint above, FetchRung rung, CancellationToken cancellationToken) => FetchAsync(Above(above), uid => uid > above, rung, cancellationToken);

    private async Task<FetchAnswer> FetchAsync(IList<UniqueId> uids, Func<uint, bool> asked, FetchRung rung, CancellationToken cancellationToken)
    {
        ThrowIfNotReady("FETCH");
        var items = ItemsOf(rung);
        var withFields = rung <= FetchRung.WithoutIds;
        var answers = new List<IMessageSummary>();
        void Keep(object? sender, MessageSummaryFetchedEventArgs e) => answers.Add(e.Message);

        // One by one as they come: what came before the server refused or broke off counts too.
        _folder!.MessageSummaryFetched += Keep;
        var notes = _tap.Guard.Notes = new FetchNotes();
        ImapSessionException? failure;
        try
        {
            var request = withFields ? new FetchRequest(items, _header.Names) : new FetchRequest(items);
            failure = await TryAsync("fetch metadata", token => _folder.FetchAsync(uids, request, token), cancellationToken);
        }
        finally
        {
            _folder.MessageSummaryFetched -= Keep;
            _tap.Guard.Notes = null;
        }

        // After a failure the rest of a message may have been about to come.
        var messages = FetchedMessage.Merge(answers, asked).Where(message => failure is null || (message.Missing(items) == 0 && !(withFields && message.Fields is null))).ToArray();
        foreach (var message in messages)
            message.Header = rung == FetchRung.Bare || (message.Envelope is { } envelope && !EnvelopeDoubt.IsDoubtful(envelope, notes.Of(message.Number))) ? HeaderTrust.Believed : HeaderTrust.InDoubt;
        var broken = failure is { EndsSession: true };
        if (!broken)
            failure = await ReadHeadersAsync(messages, alone: rung >= FetchRung.RawHeader, cancellationToken) ?? failure;
        if (rung < FetchRung.Bare && failure is not { EndsSession: true })
            failure = await ReadFieldsAsync(messages.Where(IsToldOf), cancellationToken) ?? failure;
        // Up to the one whose header broke the connection: then it is the first that is looked for.
        var told = !broken && failure is { EndsSession: true } ? messages.TakeWhile(IsToldOf) : messages.Where(IsToldOf);
        return new FetchAnswer(told.Select(Map).ToArray(), failure) { Highest = (int)messages.Select(message => message.Number).DefaultIfEmpty().Max() };

        static bool IsToldOf(FetchedMessage message) => message.Header != HeaderTrust.InDoubt;
    }

    private ImapEvent Map(FetchedMessage message)
    {
        var mapped = EventMapper.Map(message, _account.UserName, Folder!.Name, Folder.UidValidity, _header, Tag);
        if (_header.Trust.Learns)
            LearnedAuthservId = mapped.Authentication?.AuthservId ?? LearnedAuthservId;
        return mapped;
    }

    private MessageSummaryItems ItemsOf(FetchRung rung)
    {
        const MessageSummaryItems bare = MessageSummaryItems.UniqueId | MessageSummaryItems.Flags;
        const MessageSummaryItems raw = bare | MessageSummaryItems.InternalDate | MessageSummaryItems.Size;
        const MessageSummaryItems all = raw | MessageSummaryItems.Envelope | MessageSummaryItems.BodyStructure;
        return rung switch
        {
            // MailKit asks only for those that the server has.
            FetchRung.All => all | (HasThreadIds ? Ids : Ids & ~MessageSummaryItems.ThreadId),
            FetchRung.WithoutIds or FetchRung.WithoutFields => all,
            FetchRung.RawHeader => raw,
            FetchRung.RawHeaderOnly or FetchRung.Bare => bare,
            _ => throw new ArgumentOutOfRangeException(nameof(rung), rung, "Not a way to fetch metadata."),
        };
    }

    private static IReadOnlyList<ImapEvent> WholeOf(FetchAnswer answer) => answer.Failure is null ? answer.Messages : throw answer.Failure;
}
