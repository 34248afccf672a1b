using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.Testing;

namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>A good mail behind a bad one, at the default settings: for each way in which a message breaks its fetch, how long the good one takes (in the test's output).</summary>
[Collection(typeof(ByItself))]
public sealed partial class BehindABadOneTests
{
    private const int Rounds = 10;
    private readonly ConcurrentDictionary<string, string> _refused = new();

    [Theory]
    [InlineData("the session ends")]
    [InlineData("size of -1")]
    [InlineData("size of 99999999999")]
    [InlineData("a structure 3,000 deep")]
    [InlineData("left out for ever")]
    [InlineData("refused by NO")]
    [InlineData("refused by BAD")]
    [InlineData("refused by NO, and then OK")]
    public async Task The_good_one_comes_and_the_bad_one_is_delivered_or_put_aside(string badness)
    {
        await using var mailbox = WatchedMailbox.Create();
        mailbox.Faults.Rewrite = (command, text) => Spoil(badness, command, text);
        await mailbox.RunAsync();
        await mailbox.Account.Inbox.WaitForIdleAsync(TestContext.Current.CancellationToken);
        var took = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var began = Stopwatch.GetTimestamp();
            mailbox.Account.Inbox.AppendAll([OddMessages.Plain($"bad {round}"), OddMessages.Plain($"good {round}")]);
            await mailbox.Inbox.WaitUntilAsync(got => got.Any(mail => mail.Subject == $"good {round}"));
            took.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        took.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"{badness}: p50 {took[Rounds / 2]:0.00} s, p99 and longest {took[^1]:0.00} s"));
        if (badness != "left out for ever")
            await mailbox.Logs.WaitForAsync(408, 2 * Rounds);
    }

    /// <summary>Every odd UID is bad, on every rung that asks for more than UID and FLAGS.</summary>
    private string? Spoil(string badness, ImapTestCommand command, string text)
    {
        if (!command.Text.StartsWith("UID FETCH", StringComparison.Ordinal) || !command.Text.Contains("RFC822.SIZE", StringComparison.Ordinal))
            return text;
        if (text.StartsWith(command.Tag, StringComparison.Ordinal) && _refused.TryRemove(command.Tag, out var word))
            return $"{command.Tag} {word} The message cannot be read\r\n";
        if (Number().Match(text) is not { Success: true } number || int.Parse(number.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) % 2 == 0)
            return text;
        return badness switch
        {
            "the session ends" => null,
            "size of -1" => Size().Replace(text, "RFC822.SIZE -1"),
            "size of 99999999999" => Size().Replace(text, "RFC822.SIZE 99999999999"),
            "refused by NO" => Refuse(command.Tag, "NO"),
            "refused by BAD" => Refuse(command.Tag, "BAD"),
            "refused by NO, and then OK" => $"{command.Tag} NO The message cannot be read\r\n",
            "a structure 3,000 deep" => Size().Replace(text, $"BODYSTRUCTURE {new string('(', 3000)}{new string(')', 3000)}"),
            _ => "",
        };
    }

    private string Refuse(string tag, string word)
    {
        _refused[tag] = word;
        return "";
    }

    [GeneratedRegex(@"^\* (\d+) FETCH")]
    private static partial Regex Number();

    [GeneratedRegex(@"RFC822\.SIZE \d+")]
    private static partial Regex Size();
}
