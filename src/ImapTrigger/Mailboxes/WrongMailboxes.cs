using ImapTrigger.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Mailboxes;

/// <summary>Tells what is wrong in a list that is read again and again: each once, until it is right and wrong again.</summary>
internal sealed class WrongMailboxes(string connection, ILogger logger)
{
    /// <summary>So many lines at a time.</summary>
    private const int MaxTold = 20;

    private HashSet<string> _told = [];

    public void Tell(IReadOnlyCollection<string> wrong)
    {
        var news = wrong.Where(problem => !_told.Contains(problem)).ToArray();
        _told = [.. wrong];
        foreach (var problem in news.Take(MaxTold))
            logger.MailboxLeftOut(connection, problem);
        if (news.Length > MaxTold)
            logger.MailboxLeftOut(connection, $"and {news.Length - MaxTold} mistakes more.");
    }
}
