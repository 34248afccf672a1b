using System.Text;

namespace ImapTrigger.Imap;

/// <summary>What a server says, and what libraries say of it, made fit for logs, messages and traces: without secrets that it repeats, without what deceives the eye.</summary>
internal sealed class ServerText
{
    private readonly string _userName;
    private readonly Secrets _secrets = new();

    public ServerText(ImapAccount account)
    {
        _userName = account.UserName;
        foreach (var secret in account.Secrets.Words.Append(account.Password).OfType<string>())
            Hide(secret);
    }

    /// <summary>Another secret, which must not be told from here on.</summary>
    public void Hide(string secret) => _secrets.Add(secret, _userName);

    /// <summary>On one line, at most so long.</summary>
    public string Clean(string text, int limit) => UntrustedText.Clean(_secrets.Remove(text, limit + 1), limit)!;

    /// <summary>The same exception where there is nothing to clean in its messages or in those behind it; else one that is told like it.</summary>
    public Exception Clean(Exception e) => IsClean(e) ? e : new CleanedException(e, this);

    private bool IsClean(Exception? e) => e is null
        || (Clean(e.Message, e.Message.Length) == e.Message && IsClean(e.InnerException) && (e as AggregateException)?.InnerExceptions.All(IsClean) != false);

    /// <summary>Stands for another exception: its type, message and trace, and those behind it.</summary>
    private sealed class CleanedException(Exception original, ServerText said)
        : Exception(said.Clean(original.Message, MaxMessage), original.InnerException is { } inner ? said.Clean(inner) : null)
    {
        private const int MaxMessage = 4096;
        private readonly string _type = original.GetType().ToString();

        public override string? StackTrace { get; } = original.StackTrace;

        public override string ToString()
        {
            var text = new StringBuilder($"{_type}: {Message}");
            if (InnerException is { } cause)
                text.Append($" ---> {cause}").AppendLine().Append("   --- End of inner exception stack trace ---");
            return StackTrace is { } trace ? text.AppendLine().Append(trace).ToString() : text.ToString();
        }
    }
}
