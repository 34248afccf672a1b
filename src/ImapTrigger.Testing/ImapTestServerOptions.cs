namespace ImapTrigger.Testing;

/// <summary>What a test server can be told before it starts.</summary>
public sealed record ImapTestServerOptions
{
    /// <summary>
    /// Capabilities that the server shall not have, by their names in the CAPABILITY response (RFC 9051, 6.1.1), without case:
    /// <c>IDLE</c>, <c>ID</c>, <c>UIDPLUS</c>, <c>MOVE</c>, <c>NAMESPACE</c>, <c>UNSELECT</c>, <c>SASL-IR</c>, <c>LITERAL+</c>, <c>STARTTLS</c>,
    /// <c>AUTH=PLAIN</c>. None by default.
    /// </summary>
    public IReadOnlyCollection<string> Without { get; init; } = [];
}
