namespace ImapTrigger.Listening;

/// <summary>Why the wait in a session has ended.</summary>
internal enum Wake
{
    /// <summary>The session has just begun.</summary>
    Start,

    /// <summary>The server has said that there is new mail.</summary>
    News,

    /// <summary>A delivery wants something of the session.</summary>
    Request,

    /// <summary>There is room again for what is known to be there.</summary>
    Room,

    /// <summary>A question is asked again whose answer was not believed.</summary>
    Again,

    /// <summary>A look is due (law 7).</summary>
    Due,
}
