using System.Reflection;
using ImapTrigger.Connections;
using ImapTrigger.Delivery;
using ImapTrigger.Filtering;
using ImapTrigger.Listening;
using ImapTrigger.Mailboxes;
using Microsoft.Azure.WebJobs;
using Microsoft.Azure.WebJobs.Host;
using Microsoft.Extensions.Configuration;

namespace ImapTrigger.Triggering;

/// <summary>Parameter, attribute and app settings of a function -> what to watch. Checks everything that can be checked without the network (law 9).</summary>
/// <param name="sets">The mailboxes of a connection.</param>
/// <param name="names">Resolves <c>%NAME%</c>.</param>
/// <param name="configuration">The app settings.</param>
/// <param name="retry">What the host does for a function without a retry policy of its own.</param>
internal sealed class TriggerReader(MailboxSets sets, INameResolver names, IConfiguration configuration, IRetryStrategy? retry = null)
{
    /// <exception cref="SettingsException">Something is wrong: all that is.</exception>
    public TriggerSettings Read(ParameterInfo parameter, ImapIdleTriggerAttribute attribute)
    {
        var mistakes = new Mistakes($"{parameter.Member.DeclaringType?.Name}.{parameter.Member.Name}");
        if (ParameterKind.Problem(parameter, IsOutOfProcess(parameter)) is { } problem)
            mistakes.Add(problem);
        if (ReturnKind.Problem(parameter.Member as MethodInfo, attribute.Verdicts) is { } wrongReturn)
            mistakes.Add(wrongReturn);
        // The host would call again and again within one call of ours: neither poison nor the next message would ever have its turn.
        if (RetryOf(parameter.Member) is { MaxRetryCount: < 0 })
            mistakes.Add("a retry policy without an end (-1) would hold the mailbox at one message for ever. Give it a number, or leave it out: maxAttempts in host.json ends the attempts.");

        var folder = Resolve(nameof(attribute.Folder), attribute.Folder ?? "INBOX");
        if (folder is not null && string.IsNullOrWhiteSpace(folder))
            mistakes.Add("Folder is empty. Leave it out for INBOX.");
        var connection = Resolve(nameof(attribute.Connection), attribute.Connection ?? "Imap");
        var set = connection is null ? null : sets.Find(connection, mistakes);
        var start = Resolve(nameof(attribute.Start), attribute.Start ?? "now") is { } text ? StartFrom.Parse(text) : StartFrom.Now;
        if (start is null)
            mistakes.Add($"Start: '{attribute.Start}' is none of now, unseen, all, a time such as 7.00:00:00, a date such as 2026-11-01.");
        var actions = new AfterActions(Action(nameof(attribute.OnSuccess), attribute.OnSuccess), Action(nameof(attribute.OnPoison), attribute.OnPoison)) { Verdicts = Verdicts() };
        var headers = Headers();
        var filter = ReadFilter(headers);
        var stateName = attribute.StateName is { } name ? Resolve(nameof(attribute.StateName), name) : null;
        if (stateName is not null && string.IsNullOrWhiteSpace(stateName))
            mistakes.Add("StateName is empty. Leave it out for the function's own name.");
        mistakes.ThrowIfAny();
        return new TriggerSettings(set!.Source, set.Known, folder!, actions, stateName) { IsList = set.IsList, Start = start!, Filter = filter, Headers = headers };

        IReadOnlyList<string> Headers()
        {
            if (attribute.Headers is null || Resolve(nameof(attribute.Headers), attribute.Headers) is not { } text)
                return [];
            var names = HeaderNames.Parse(text, out var problem);
            if (problem is not null)
                mistakes.Add($"Headers: {problem}.");
            return names;
        }

        Filter? ReadFilter(IReadOnlyList<string> headers)
        {
            if (attribute.Filter is null || Resolve(nameof(attribute.Filter), attribute.Filter) is not { } text)
                return null;
            if (string.IsNullOrWhiteSpace(text))
            {
                mistakes.Add("Filter is empty. Leave it out to be called with every message.");
                return null;
            }

            var read = Filter.Parse(text, headers, out var wrong);
            foreach (var mistake in wrong)
                mistakes.Add($"Filter: {mistake.Problem}.{Environment.NewLine}{mistake.Show(text)}");
            return read;
        }

        VerdictUse Verdicts()
        {
            var text = Resolve(nameof(attribute.OnInvalidVerdict), attribute.OnInvalidVerdict ?? "fail")?.Trim().ToLowerInvariant();
            if (text is not (null or "fail" or "ignore"))
                mistakes.Add($"OnInvalidVerdict: '{text}' is none of fail, ignore.");
            return !attribute.Verdicts ? VerdictUse.Off : text == "ignore" ? VerdictUse.Ignore : VerdictUse.Fail;
        }

        AfterAction Action(string property, string? value)
        {
            if (Resolve(property, value ?? "none") is not { } text)
                return AfterAction.None;
            if (AfterAction.Parse(text, out var unknown) is not { } action)
            {
                mistakes.Add($"{property}: {unknown}.");
                return AfterAction.None;
            }

            // It would come back as a new message, for ever. (Other names for it only the server knows; of a list, those are left out of which it is so.)
            if (action.HasTarget && folder is not null && Folders(folder).All(watched => FolderName.AreSame(action.Argument!, watched)))
                mistakes.Add($"{property} = '{action}' goes to {action.Argument}, which is the folder that is watched.");
            return action;
        }

        IEnumerable<string> Folders(string ofAttribute) => set is null or { Known.Count: 0 } ? [ofAttribute] : set.Known.Select(mailbox => mailbox.Folder ?? ofAttribute);

        string? Resolve(string property, string text)
        {
            try
            {
                return names.ResolveWholeString(text);
            }
            catch (InvalidOperationException e)
            {
                mistakes.Add($"{property}: {e.Message}");
                return null;
            }
        }
    }

    /// <summary>The function's id, as the host makes it.</summary>
    public static string IdOf(ParameterInfo parameter) => $"{parameter.Member.DeclaringType?.FullName}.{parameter.Member.Name}";

    private IRetryStrategy? RetryOf(MemberInfo function) =>
        function.GetCustomAttribute<RetryAttribute>() ?? function.DeclaringType?.GetCustomAttribute<RetryAttribute>() ?? retry;

    /// <summary>A Functions host makes a method of its own for each function; what it gets goes to another process, but for .NET within the host.</summary>
    private bool IsOutOfProcess(ParameterInfo parameter) =>
        parameter.Member.Module.Assembly.IsDynamic && configuration["FUNCTIONS_WORKER_RUNTIME"] is { Length: > 0 } language && !language.Equals("dotnet", StringComparison.OrdinalIgnoreCase);
}
