namespace ImapTrigger.Imap;

/// <summary>Why a session could not be opened or went on no longer.</summary>
public enum ImapSessionError
{
    /// <summary>The host could not be found or reached, or did not answer in time.</summary>
    Unreachable,

    /// <summary>TLS could not be agreed, or the certificate was not accepted.</summary>
    InsecureConnection,

    /// <summary>The server refused user name or password, or the access token.</summary>
    AuthenticationRefused,

    /// <summary>The folder does not exist or may not be opened. The session may go on.</summary>
    FolderUnavailable,

    /// <summary>The server asks for patience: too many connections or commands. <see cref="ImapSessionException.RetryAfter"/> may say how long.</summary>
    Throttled,

    /// <summary>The server refused a command, or we did for it because the folder is read-only. The session may go on.</summary>
    CommandRefused,

    /// <summary>The server's answer could not be understood.</summary>
    ProtocolError,

    /// <summary>The connection is gone: closed by the server, cut, or given up because the server did not answer.</summary>
    ConnectionLost,

    /// <summary>There was no access token to log in with (<see cref="ImapAccount.AccessToken"/>); the server has not been asked.</summary>
    TokenUnavailable,

    /// <summary>The server cannot log this user in or open this folder now: a part of it is down, or the mailbox is in use. Says nothing of other users.</summary>
    ServerUnavailable,

    /// <summary>It went wrong on this side: a message that cannot be parsed, or a defect. The connection is as it was, and the session may go on.</summary>
    LocalFailure,
}

/// <summary>A session failed. The message says what happened, where, and what to do; it holds no secret.</summary>
public sealed class ImapSessionException : Exception
{
    /// <summary>Makes an exception.</summary>
    /// <param name="error">What kind of failure it is.</param>
    /// <param name="message">For people.</param>
    /// <param name="innerException">The cause, or null.</param>
    public ImapSessionException(ImapSessionError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>What kind of failure it is.</summary>
    public ImapSessionError Error { get; }

    /// <summary>How long the server wants to be left alone; null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>How long what was refused may be worth trying again: zero where the server says nothing of the kind.</summary>
    internal TimeSpan Patience { get; init; }

    /// <summary>Nobody has thought of it, so that the message leaves something open that only the exceptions behind it tell.</summary>
    internal bool IsUnforeseen { get; init; }

    /// <summary>Whether it may be one message's doing; a server that asks for patience, or cannot serve, says nothing of any message.</summary>
    internal bool MayBeContent => Error is ImapSessionError.CommandRefused or ImapSessionError.ConnectionLost or ImapSessionError.ProtocolError or ImapSessionError.LocalFailure;

    /// <summary>Whether the session is of no use any more.</summary>
    internal bool EndsSession => Error is not (ImapSessionError.CommandRefused or ImapSessionError.FolderUnavailable or ImapSessionError.LocalFailure);
}
