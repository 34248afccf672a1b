namespace ImapTrigger.Testing;

/// <summary>A command that a client sent.</summary>
/// <param name="UserName">Who had logged in; null before.</param>
/// <param name="Text">The command without its tag, such as <c>UID FETCH 7:9 (FLAGS)</c>; literals as <c>{n}</c>, no secrets.</param>
/// <param name="Tag">The tag with which the client expects the answer.</param>
public sealed record ImapTestCommand(string? UserName, string Text, string Tag);
