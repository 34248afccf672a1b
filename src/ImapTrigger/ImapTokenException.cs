namespace ImapTrigger;

/// <summary>There is no access token now. The message says why and what to do; it holds no secret.</summary>
public sealed class ImapTokenException : Exception
{
    /// <summary>Makes an exception.</summary>
    /// <param name="message">For people.</param>
    /// <param name="innerException">The cause, or null.</param>
    public ImapTokenException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Whether it may pass by itself: the service that gives tokens is down, or asks for patience. Otherwise something in the settings has to be mended.</summary>
    public bool IsTransient { get; init; }

    /// <summary>How long that service wants to be left alone; null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
