using System.IO.Enumeration;
using ImapTrigger.Imap;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>Who names a folder that there is not is told those that there are, in all namespaces (RFC 2342).</summary>
public sealed class FoldersToldTests
{
    private static readonly string[] Names = ["INBOX", "Archive", "user", "user/bob", "Shared", "Shared/Team"];

    [Theory]
    [InlineData("Shared/Teem", "Shared/Team")]
    [InlineData("user.bob", "user/bob")]
    public async Task Shared_folders_and_those_of_other_users_are_told(string wanted, string nearest)
    {
        await using var server = new ScriptedServer("* OK [CAPABILITY IMAP4rev1 NAMESPACE AUTH=PLAIN SASL-IR] Ready", Answer);
        await using var session = await ImapSession.ConnectAsync(server.Account(), TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => session.SelectAsync(wanted, TestContext.Current.CancellationToken));
        Assert.Contains($"Did you mean '{nearest}'?", error.Message, StringComparison.Ordinal);
        Assert.All(Names, name => Assert.Contains($"'{name}'", error.Message, StringComparison.Ordinal));
    }

    private static string Answer(string tag, string command) => command switch
    {
        "NAMESPACE" => $"""* NAMESPACE (("" "/")) (("user/" "/")) (("Shared/" "/")){'\n'}{tag} OK Done""",
        _ when command.StartsWith("LIST", StringComparison.Ordinal) =>
            string.Concat(Names.Where(name => FileSystemName.MatchesSimpleExpression(command.Split(' ')[^1].Trim('"').Replace('%', '*'), name)).Select(name => $"* LIST () \"/\" \"{name}\"\n")) + $"{tag} OK Done",
        _ when command.StartsWith("EXAMINE", StringComparison.Ordinal) => $"{tag} NO [NONEXISTENT] No such mailbox",
        _ => $"{tag} OK Done",
    };
}
