using System.Text;
using ImapTrigger.Imap;
using ImapTrigger.Testing;

namespace ImapTrigger.IntegrationTests.Imap;

/// <summary>A session on a server whose answers to FETCH the test writes.</summary>
internal sealed class FetchSession : IAsyncDisposable
{
    private readonly ImapTestServer _server = ImapTestServer.Start();
    private readonly ImapTestAccount _account;

    private FetchSession() => _account = _server.AddAccount("ann", "secret");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ImapSession Session { get; private set; } = null!;

    public ImapTestFolder Inbox => _account.Inbox;

    /// <summary>The commands since <see cref="StartAsync"/>, without NOOP.</summary>
    public IReadOnlyList<string> Commands => _server.Commands.Select(command => command.Text).SkipWhile(text => !text.StartsWith("EXAMINE", StringComparison.Ordinal)).Skip(1).ToArray();

    /// <summary>Opens a session on a mailbox with these messages; the server claims further capabilities.</summary>
    public static async Task<FetchSession> StartAsync(IEnumerable<byte[]> messages, string capabilities = "")
    {
        var started = new FetchSession();
        started.Inbox.AppendAll(messages);
        started._server.Faults.Answer = command => command.Text != "NAMESPACE"
            ? null
            : Answer(command, $"* CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE {capabilities}\r\n* NAMESPACE ((\"\" \"/\")) NIL NIL\r\nTAG OK done\r\n");
        await started.OpenAsync();
        return started;
    }

    /// <summary>The next session, as after one that broke.</summary>
    public async Task OpenAsync()
    {
        if (Session is not null)
            await Session.DisposeAsync();
        Session = await ImapSession.ConnectAsync(
            new ImapAccount { Host = "127.0.0.1", Port = _server.Port, Security = ImapSecurity.None, UserName = "ann", Password = "secret" }, Token);
        await Session.SelectAsync("INBOX", Token);
    }

    /// <summary>Answers FETCH commands by this text, as Latin-1, with TAG for the tag; after CUT at its end the connection is closed. Null leaves it to the server.</summary>
    public void OnFetch(Func<string, string?> answer)
    {
        var before = _server.Faults.Answer!;
        _server.Faults.Answer = command => command.Text.StartsWith("UID FETCH", StringComparison.Ordinal) && answer(command.Text) is { } text ? Answer(command, text) : before(command);
    }

    public Task<FetchAnswer> FetchAsync(FetchRung rung, params uint[] uids) => Session.FetchAsync(uids, rung, Token);

    public async Task<ImapEvent> FetchOneAsync(FetchRung rung = FetchRung.All, uint uid = 1)
    {
        var (messages, failure) = await FetchAsync(rung, uid);
        Assert.Null(failure);
        return Assert.Single(messages);
    }

    public async ValueTask DisposeAsync()
    {
        await Session.DisposeAsync();
        await _server.DisposeAsync();
    }

    private static AnswerStream Answer(ImapTestCommand command, string text) =>
        new(Encoding.Latin1.GetBytes(text.Replace("TAG", command.Tag, StringComparison.Ordinal).Replace("CUT", "", StringComparison.Ordinal)), text.EndsWith("CUT", StringComparison.Ordinal));

    private sealed class AnswerStream(byte[] bytes, bool cut) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            cut && Position == Length ? throw new IOException("Cut on demand.") : base.ReadAsync(buffer, cancellationToken);
    }
}
