namespace ImapTrigger.Filtering;

internal enum TokenKind
{
    /// <summary>A condition, as <c>word:value</c>; or what should be one.</summary>
    Term,
    And,
    Or,
    Not,
    Open,
    Close,
    End,
}

/// <param name="Kind">What it is.</param>
/// <param name="Position">Where it begins.</param>
internal readonly record struct FilterToken(TokenKind Kind, int Position)
{
    /// <summary>What stands before the colon; null without one.</summary>
    public string? Word { get; init; }

    /// <summary>What stands after it, without quotation marks.</summary>
    public string? Value { get; init; }

    /// <summary>Where that begins.</summary>
    public int ValueAt { get; init; }

    /// <summary>Whether a parenthesis follows the colon at once.</summary>
    public bool IsGroup { get; init; }
}
