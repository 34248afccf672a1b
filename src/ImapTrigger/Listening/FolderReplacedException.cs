namespace ImapTrigger.Listening;

/// <summary>The session looks at something that is not, or not any more, the folder of that name: it is replaced at once.</summary>
internal sealed class FolderReplacedException(string message) : Exception(message);
