using ImapTrigger.Imap;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>A server that names or sends more than any mailbox holds costs neither memory nor time; what is too much ends the session with a word why.</summary>
[Collection(nameof(ByItself))]
public sealed class FloodTests
{
    private const long Few = 20_000_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>24 bytes made 763 MB.</summary>
    [Theory]
    [InlineData("* VANISHED 1:200000000", "1:200000000")]
    [InlineData("* VANISHED (EARLIER) 1:200000000,300000000:400000000", "1:200000000,300000000:400000000")]
    [InlineData("* VANISHED 7,9:10", "7,9:10")]
    [InlineData("* VANISHED 1:4294967295", "")]
    public async Task Vanished_ranges_stay_ranges(string line, string ranges)
    {
        await using var server = Server((tag, command) => command == "IDLE" ? $"+ Waiting\n{line}\n* 42 EXISTS" : null);
        await using var session = await SelectAsync(server);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await session.Idle.StartAsync(Token);
        var updates = new List<IdleUpdate>();
        while (!updates.Contains(new ExistsUpdate(42)))
            updates.AddRange(await session.Idle.CheckAsync(TimeSpan.FromSeconds(30), Token));
        Assert.Equal(ranges, string.Join(',', updates.OfType<VanishedUpdate>().SelectMany(update => update.Ranges)));
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, Few);
    }

    [Theory]
    [InlineData("* ESEARCH (TAG \"{0}\") UID ALL 1:200000000\n{0} OK Done", "named more than")]
    [InlineData("* ESEARCH (TAG \"{0}\") UID ALL 1:4294967295\n{0} OK Done", "named more than")]
    [InlineData("* ESEARCH (TAG \"{0}\") UID ALL 1:1999999,4000000000:4294967295\n{0} OK Done", "named more than")]
    public async Task Found_ranges_stay_ranges(string answer, string problem)
    {
        await using var server = Server((tag, command) => command.StartsWith("UID SEARCH", StringComparison.Ordinal) ? answer.Replace("{0}", tag, StringComparison.Ordinal) : null);
        await using var session = await SelectAsync(server);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => session.SearchAsync(0, Token));
        Assert.Equal(ImapSessionError.ProtocolError, error.Error);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        // What was asked for in a range with two ends is answered all the same.
        Assert.Equal(100, (await ((IFolderView)session).SearchAsync([new UidRange(101, 200)], Token)).Count);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, Few);
    }

    [Theory]
    [InlineData("* 1 FETCH (UID 1 FLAGS (\\Seen))", "responses to one command")]
    [InlineData("* OK [ALERT] Hear", "responses to one command")]
    [InlineData("* LIST () \"/\" folder{0}", "folders")]
    public async Task One_command_brings_only_so_much(string line, string problem)
    {
        await using var server = Server((_, command) => !command.StartsWith("UID FETCH", StringComparison.Ordinal) ? null : string.Join('\n', Enumerable.Range(1, 250_000).Select(i => line.Replace("{0}", $"{i}", StringComparison.Ordinal))));
        await using var session = await SelectAsync(server);
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => session.FetchAsync(0, Token));
        Assert.Equal(ImapSessionError.ProtocolError, error.Error);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    private static ScriptedServer Server(Func<string, string, string?> answer) =>
        new("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR IDLE ENABLE QRESYNC ESEARCH UIDPLUS] Ready", (tag, command) => answer(tag, command) ?? command.Split(' ')[0] switch
        {
            "" => "A00000001 OK Done",
            "CAPABILITY" => $"* CAPABILITY IMAP4rev1 IDLE ENABLE QRESYNC ESEARCH UIDPLUS\n{tag} OK Done",
            "ENABLE" => $"* ENABLED QRESYNC\n{tag} OK Done",
            "EXAMINE" => $"* 300000000 EXISTS\n* OK [UIDVALIDITY 1] Valid\n* OK [UIDNEXT 400000001] Next\n{tag} OK [READ-ONLY] Done",
            "LOGOUT" => $"* BYE Good bye\n{tag} OK Bye",
            _ => $"{tag} OK Done",
        });

    private static async Task<ImapSession> SelectAsync(ScriptedServer server)
    {
        var session = await ImapSession.ConnectAsync(server.Account(), Token);
        await session.SelectAsync("INBOX", Token);
        return session;
    }
}
