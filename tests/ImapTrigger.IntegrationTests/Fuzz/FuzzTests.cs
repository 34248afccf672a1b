using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ImapTrigger.Imap;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.Testing;

namespace ImapTrigger.IntegrationTests.Fuzz;

/// <summary>
/// Whatever a server or a sender writes: no crash, no hang, no memory without bounds. Ten seconds each here; <c>./test.sh fuzz --minutes 10</c>
/// for more. A failure names its seed, which repeats the case: FUZZ_SEED.
/// </summary>
public sealed class FuzzTests
{
    private const long MaxAllocated = 300L * 1024 * 1024;
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(10);

    private static readonly string?[] Targets = ["EXAMINE", "UID SEARCH", "UID FETCH", "UID FETCH", "UID FETCH", "UID FETCH", "IDLE", "CAPABILITY", "NAMESPACE", "LIST", null];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_may_answer_whatever_it_wants()
    {
        await using var server = ImapTestServer.Start();
        server.AddAccount("ann", "secret").Inbox.AppendAll([OddMessages.Plain("one"), OddMessages.WithBrokenMime, OddMessages.WithMixedCharsets]);
        await RunAsync("server", server, async seed =>
        {
            var mutator = new Mutator(seed);
            // One answer of the session; the others are sound, or most sessions would not come far.
            var target = mutator.OneOf(Targets);
            server.Faults.Answer = command =>
            {
                if (target is null || !command.Text.StartsWith(target, StringComparison.Ordinal) || mutator.Chance(20))
                    return null;
                target = null;
                return Spoiled(mutator, command);
            };
            await using var session = await ConnectAsync(server);
            await session.SelectAsync("INBOX", Token);
            await session.FetchAsync(0, Token);
            IFolderView view = session;
            await view.FetchArrivalsAsync([UidRange.Above(0)], messageIds: true, Token);
            await view.SearchAsync([new UidRange(1, 9)], Token);
            await view.StatusAsync(Token);
            await ReadAsync(session, 1);
            if (session.CanIdle)
            {
                await session.Idle.StartAsync(Token);
                server.Faults.Say(Encoding.Latin1.GetString(mutator.Spoil(Encoding.ASCII.GetBytes("* 4 EXISTS"))));
                (await session.Idle.CheckAsync(TimeSpan.FromMilliseconds(5), Token)).ToXml();
                await session.Idle.DoneAsync();
            }
        });
    }

    [Fact]
    public async Task A_sender_may_write_whatever_he_wants()
    {
        await using var server = ImapTestServer.Start();
        var account = server.AddAccount("ann", "secret");
        byte[][] sound = [OddMessages.Plain("one"), OddMessages.WithBrokenMime, OddMessages.With8BitHeader, OddMessages.WithMixedCharsets, OddMessages.Nested];
        await RunAsync("sender", server, async seed =>
        {
            var mutator = new Mutator(seed);
            var uid = account.Inbox.Append(mutator.Spoil(mutator.OneOf(sound)));
            try
            {
                await using var session = await ConnectAsync(server);
                await session.SelectAsync("INBOX", Token);
                foreach (var message in await session.FetchAsync(uid - 1, Token))
                    Sound(message);
                foreach (var rung in Enum.GetValues<FetchRung>())
                {
                    foreach (var message in (await session.FetchAsync([uid], rung, Token)).Messages)
                        Sound(message);
                }

                await ReadAsync(session, uid);
            }
            finally
            {
                account.Inbox.Expunge(uid);
            }
        });
    }

    /// <summary>Everything that comes from a message is within its bounds and can be written as JSON.</summary>
    private static void Sound(ImapEvent message)
    {
        Assert.True(message.Subject?.Length <= 2048 || message.Subject is null);
        Assert.All([message.From, message.To, message.Cc, message.ReplyTo], list => Assert.InRange(list.Count, 0, 100));
        Assert.InRange(message.Attachments.Count, 0, 100);
        Assert.All(message.Attachments, attachment => Assert.False(attachment.Name?.AsSpan().IndexOfAny("/\\:\0\n") >= 0));
        var json = JsonSerializer.Serialize(message);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<ImapEvent>(json)));
    }

    private static async Task ReadAsync(ImapSession session, uint uid)
    {
        try
        {
            await session.ReadMessageAsync(uid, Token);
        }
        catch (FormatException)
        {
            // It was no message any more.
        }
    }

    private static MemoryStream? Spoiled(Mutator mutator, ImapTestCommand command)
    {
        var answer = command.Text.Split(' ') switch
        {
            ["EXAMINE", ..] => "* FLAGS (\\Seen)\r\n* OK [PERMANENTFLAGS ()] x\r\n* 3 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4] x\r\n",
            ["UID", "SEARCH", ..] => "* SEARCH 1 2 3\r\n",
            ["UID", "FETCH", ..] => "* 1 FETCH (UID 1 FLAGS (\\Seen) INTERNALDATE \"23-Nov-2026 10:00:00 +0100\" RFC822.SIZE 100 ENVELOPE (\"Mon, 23 Nov 2026 10:00:00 +0100\" \"s\" ((\"Ann\" NIL \"ann\" \"example.org\")) NIL NIL NIL NIL NIL NIL \"<1@x>\") BODYSTRUCTURE ((\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" 5 1 NIL NIL NIL NIL)(\"application\" \"pdf\" (\"name\" \"a.pdf\") NIL NIL \"base64\" 100 NIL (\"attachment\" (\"filename\" \"a.pdf\")) NIL NIL) \"mixed\" (\"boundary\" \"b\") NIL NIL NIL) BODY[] {5}\r\nhello)\r\n",
            ["CAPABILITY", ..] => "* CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE ID\r\n",
            ["NAMESPACE", ..] => "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n",
            ["LIST", ..] => "* LIST () \"/\" INBOX\r\n",
            ["IDLE", ..] => "+ idling\r\n* 4 EXISTS\r\n",
            _ => null,
        };
        if (answer is null)
            return null;
        var spoiled = mutator.Spoil(Encoding.Latin1.GetBytes(answer));
        return new MemoryStream(mutator.Chance(97) ? [.. spoiled, .. Encoding.ASCII.GetBytes($"\r\n{command.Tag} OK done\r\n")] : spoiled);
    }

    private static Task<ImapSession> ConnectAsync(ImapTestServer server) => ImapSession.ConnectAsync(
        new ImapAccount { Host = "127.0.0.1", Port = server.Port, Security = ImapSecurity.None, UserName = "ann", Password = "secret" }, Token);

    private static async Task RunAsync(string what, ImapTestServer server, Func<int, Task> once)
    {
        var minutes = double.Parse(Environment.GetEnvironmentVariable("FUZZ_MINUTES") ?? "0.166", CultureInfo.InvariantCulture);
        var only = Environment.GetEnvironmentVariable("FUZZ_SEED");
        var first = only is null ? Random.Shared.Next() / 2 : int.Parse(only, CultureInfo.InvariantCulture);
        var began = Stopwatch.GetTimestamp();
        var (cases, refused, waited) = (0, 0, 0);
        for (var seed = first; cases == 0 || (only is null && Stopwatch.GetElapsedTime(began).TotalMinutes < minutes); seed++, cases++)
        {
            var allocated = GC.GetTotalAllocatedBytes();
            var running = Task.Run(() => once(seed), Token);
            try
            {
                // A server that owes us an answer is waited for, 30 s; here it goes away earlier.
                if (await Task.WhenAny(running, Task.Delay(TimeSpan.FromMilliseconds(100), Token)) != running)
                {
                    waited++;
                    server.Faults.Disconnect();
                }

                await running.WaitAsync(Hang, Token);
            }
            catch (Exception e) when (e is ImapSessionException or OperationCanceledException)
            {
                refused++;
            }
            catch (TimeoutException)
            {
                Assert.Fail($"{what}, seed {seed}: hangs although the connection is gone.");
            }
            catch (Exception e)
            {
                Assert.Fail($"{what}, seed {seed}: {e}");
            }

            Assert.True(GC.GetTotalAllocatedBytes() - allocated < MaxAllocated, $"{what}, seed {seed}: too much memory");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {cases} cases from seed {first}; {refused} ended the session, {waited} waited for the server.");
        Assert.True(only is not null || cases > 50, $"Only {cases} cases.");
    }
}
