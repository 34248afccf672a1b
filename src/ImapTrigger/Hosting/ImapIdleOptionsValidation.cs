using System.Text.RegularExpressions;
using ImapTrigger.Imap;
using Microsoft.Extensions.Options;

namespace ImapTrigger.Hosting;

/// <summary>Says which option is wrong, where it was set, and within which bounds it must be.</summary>
internal sealed partial class ImapIdleOptionsValidation : IValidateOptions<ImapIdleOptions>
{
    public ValidateOptionsResult Validate(string? name, ImapIdleOptions options)
    {
        var problems = new List<string>(options.HostJson.Problems.Distinct());
        Between(nameof(options.IdleRenewal), options.IdleRenewal, TimeSpan.FromSeconds(10), ImapIdle.MaxRenewal);
        Between(nameof(options.PollInterval), options.PollInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Between(nameof(options.FlushInterval), options.FlushInterval, TimeSpan.FromSeconds(0.1), TimeSpan.FromMinutes(1));
        Between(nameof(options.StopGracePeriod), options.StopGracePeriod, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        Between(nameof(options.MaxConcurrentCalls), options.MaxConcurrentCalls, 1, 1000);
        Between(nameof(options.MaxAttempts), options.MaxAttempts, 1, 100);
        Between(nameof(options.MailboxesPerInstance), options.MailboxesPerInstance, 1, 10_000);
        if (!Enum.IsDefined(options.OnUidValidityChange))
            Wrong(nameof(options.OnUidValidityChange), options.OnUidValidityChange, $"must be one of {string.Join(", ", Enum.GetNames<UidValidityPolicy>())}");
        if (options.Container is null || !ContainerName().IsMatch(options.Container))
            Wrong(nameof(options.Container), options.Container, "must be a container name: 3 to 63 lower-case letters, digits and single hyphens");
        if (options.StateName is not null && string.IsNullOrWhiteSpace(options.StateName))
            Wrong(nameof(options.StateName), options.StateName, "must not be empty; leave it out for the default");
        if (options.LocalStatePath is not null && string.IsNullOrWhiteSpace(options.LocalStatePath))
            Wrong(nameof(options.LocalStatePath), options.LocalStatePath, "must not be empty; leave it out for the default");
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

        void Between<T>(string property, T value, T least, T most)
            where T : IComparable<T>
        {
            if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
                Wrong(property, value, $"is {value}, but must be from {least} to {most}");
        }

        void Wrong(string property, object? value, string problem) => problems.Add($"{options.HostJson.Place(property, value)}: {problem}.");
    }

    [GeneratedRegex(@"^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]\z")]
    private static partial Regex ContainerName();
}
