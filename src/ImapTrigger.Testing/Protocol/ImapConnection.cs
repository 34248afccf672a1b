using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace ImapTrigger.Testing.Protocol;

/// <summary>One client: reads its commands one after the other and answers them. Whatever it says wrongly is answered BAD, and the connection goes on.</summary>
internal sealed class ImapConnection(ImapTestServer server, ImapWire wire, bool isTls) : IDisposable
{
    private ImapTestAccount? _account;
    private SelectedFolder? _selected;
    private bool _isTls = isTls;
    private bool _loggedOut;
    private bool _startTls;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await SendAsync(new Response().Line($"* OK [CAPABILITY {CapabilityList}] ImapTrigger.Testing is ready"), cancellationToken);
        while (!_loggedOut)
        {
            try
            {
                if (await wire.ReadCommandAsync(cancellationToken) is not { } command)
                    return;
                await AnswerAsync(command, cancellationToken);
            }
            catch (BadCommandException e)
            {
                await SendAsync(new Response().Line($"* BAD {e.Message}"), cancellationToken);
            }
        }
    }

    public void Dispose() => Deselect();

    /// <summary>Half-open from here on.</summary>
    public void Freeze() => wire.Freeze();

    public void Close() => wire.Close();

    public void Say(string line) => _ = SayAsync(line);

    private string CapabilityList => string.Join(' ', server.Capabilities.Where(name => !_isTls || name != "STARTTLS"));

    private async Task AnswerAsync(CommandText command, CancellationToken cancellationToken)
    {
        var tag = command.Word();
        ImapTestCommand? received = null;
        var response = new Response();
        string result;
        try
        {
            command.Space();
            var name = command.Word().ToUpperInvariant();
            received = new ImapTestCommand(_account?.UserName, name is "LOGIN" or "AUTHENTICATE" ? name : command.Whole[(tag.Length + 1)..], tag);
            server.Record(received);
            if (server.Faults.Answer?.Invoke(received) is { } answer)
            {
                await using (answer)
                    await wire.SendAsync(answer, cancellationToken);
                return;
            }

            var byUid = name == "UID";
            if (byUid)
            {
                command.Space();
                name = command.Word().ToUpperInvariant();
            }

            var done = await ExecuteAsync(name, byUid, command, response, part => SendAsync(received, part, cancellationToken), cancellationToken);
            // EXPUNGE renumbers, so it must not come while numbers are in use (RFC 9051, 7.5.1).
            _selected?.Sync(response, mayExpunge: byUid || name is not ("FETCH" or "STORE" or "SEARCH"));
            result = $"{tag} OK {done}{name} completed";
        }
        catch (BadCommandException e)
        {
            result = $"{tag} BAD {e.Message}";
        }
        catch (RefusedException e)
        {
            result = $"{tag} NO {e.Message}";
        }

        await SendAsync(received, response.Line(result), cancellationToken);
        if (_startTls)
        {
            _startTls = false;
            await wire.StartTlsAsync(server.Certificate, cancellationToken);
            _isTls = true;
        }
    }

    /// <summary>Returns a code for the tagged answer, or nothing.</summary>
    private async Task<string> ExecuteAsync(string name, bool byUid, CommandText command, Response response, Func<Response, Task> send, CancellationToken cancellationToken)
    {
        switch (name)
        {
            case "CAPABILITY":
                response.Line($"* CAPABILITY {CapabilityList}");
                return "";
            case "NOOP" or "CHECK" or "SUBSCRIBE" or "UNSUBSCRIBE":
                return "";
            case "LOGOUT":
                _loggedOut = true;
                response.Line("* BYE Good bye");
                return "";
            case "ID" when server.Has("ID"):
                response.Line("* ID (\"name\" \"ImapTrigger.Testing\")");
                return "";
            case "STARTTLS" when server.Has("STARTTLS") && !_isTls:
                _startTls = true;
                return "";
            case "LOGIN":
                command.Space();
                var user = command.Text();
                command.Space();
                return LogIn(user, command.Text());
            case "AUTHENTICATE":
                return await AuthenticateAsync(command, cancellationToken);
        }

        var account = _account ?? throw new BadCommandException("Log in first, or there is no such command");
        var folders = new FolderCommands(account, server.Has("UIDPLUS"));
        switch (name)
        {
            case "NAMESPACE" when server.Has("NAMESPACE"):
                response.Line("* NAMESPACE ((\"\" \"/\")) NIL NIL");
                return "";
            case "LIST" or "LSUB":
                folders.List(command, name, response);
                return "";
            case "STATUS":
                folders.Status(command, response);
                return "";
            case "CREATE":
                folders.Create(command);
                return "";
            case "DELETE":
                folders.Delete(command);
                return "";
            case "RENAME":
                folders.Rename(command);
                return "";
            case "APPEND":
                return folders.Append(command);
            case "SELECT" or "EXAMINE":
                command.Space();
                return Select(folders, command.Text(), readOnly: name == "EXAMINE" || server.Faults.ReadOnly, response);
        }

        var selected = _selected ?? throw new BadCommandException("Select a folder first, or there is no such command");
        var messages = new MessageCommands(account, selected, server.Has("UIDPLUS"), server.Faults);
        switch (name)
        {
            case "IDLE" when server.Has("IDLE"):
                await IdleAsync(selected, cancellationToken);
                return "";
            case "CLOSE" or "UNSELECT":
                if (name == "CLOSE" && !selected.ReadOnly)
                    selected.Folder.Change(message => message.Has(@"\Deleted") ? null : message);
                Deselect();
                return "";
            case "FETCH":
                wire.CutAfter = server.Faults.TakeCut();
                await messages.FetchAsync(command, byUid, send);
                return "";
            case "SEARCH":
                messages.Search(command, byUid, response);
                return "";
            case "STORE":
                messages.Store(command, byUid);
                return "";
            case "COPY":
                return messages.Copy(command, byUid, move: false, response);
            case "MOVE" when server.Has("MOVE"):
                return messages.Copy(command, byUid, move: true, response);
            case "EXPUNGE":
                messages.Expunge(command, byUid);
                return "";
            default:
                throw new BadCommandException($"There is no command {name}");
        }
    }

    private string LogIn(string user, string password) =>
        LoggedIn(server.LogIn(user, account => account.Password == password) ?? throw new RefusedException("[AUTHENTICATIONFAILED] Wrong user name or password"));

    private string LoggedIn(ImapTestAccount account)
    {
        _account = account;
        return $"[CAPABILITY {CapabilityList}] ";
    }

    private async Task<string> AuthenticateAsync(CommandText command, CancellationToken cancellationToken)
    {
        command.Space();
        var mechanism = command.Word().ToUpperInvariant();
        if (!server.Has($"AUTH={mechanism}"))
            throw new RefusedException($"{mechanism} is not spoken here");
        // An initial response (RFC 4959), or one that is asked for.
        var response = command.TryTake(' ') ? command.Word() : await AskAsync("", cancellationToken);
        var login = SaslResponse.Read(mechanism, response);
        if (login.AccessToken is null)
            return LogIn(login.User, login.Password!);
        if (server.LogIn(login.User, account => account.AccessToken == login.AccessToken) is { } owner)
            return LoggedIn(owner);
        // The reason comes in a challenge of its own, which the client answers (RFC 7628, 3.2.3).
        await AskAsync(Convert.ToBase64String("{\"status\":\"invalid_token\"}"u8), cancellationToken);
        throw new RefusedException("[AUTHENTICATIONFAILED] The access token is not accepted");
    }

    private async Task<string> AskAsync(string challenge, CancellationToken cancellationToken)
    {
        await wire.SendAsync(Encoding.ASCII.GetBytes($"+ {challenge}\r\n"), cancellationToken);
        return await wire.ReadLineAsync(cancellationToken) ?? throw new BadCommandException("There is no answer to the challenge");
    }

    private string Select(FolderCommands folders, string name, bool readOnly, Response response)
    {
        Deselect();
        var folder = folders.Required(name);
        _selected = new SelectedFolder(folder, readOnly);
        response.Line(@"* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)")
            .Line($"* OK [PERMANENTFLAGS ({(readOnly ? "" : @"\Answered \Flagged \Deleted \Seen \Draft \*")})] Flags that stay")
            .Line(string.Create(CultureInfo.InvariantCulture, $"* {_selected.Count} EXISTS"))
            .Line("* 0 RECENT")
            .Line(string.Create(CultureInfo.InvariantCulture, $"* OK [UIDVALIDITY {folder.UidValidity}] UIDs hold"))
            .Line(server.Faults.WithoutUidNext ? "* OK UIDNEXT is not known" : string.Create(CultureInfo.InvariantCulture, $"* OK [UIDNEXT {_selected.UidNext}] Next UID"));
        folder.Renumbered += wire.Close;
        return readOnly ? "[READ-ONLY] " : "[READ-WRITE] ";
    }

    private void Deselect()
    {
        if (_selected is not null)
            _selected.Folder.Renumbered -= wire.Close;
        _selected?.Dispose();
        _selected = null;
    }

    /// <summary>IDLE (RFC 2177): tells what changes, when it changes, until the client says DONE.</summary>
    private async Task IdleAsync(SelectedFolder selected, CancellationToken cancellationToken)
    {
        var changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        selected.Watch(() => changes.Writer.TryWrite(true));
        selected.Folder.BeginIdle();
        try
        {
            await wire.SendAsync("+ idling\r\n"u8.ToArray(), cancellationToken);
            // What came since the last command.
            changes.Writer.TryWrite(true);
            var line = wire.ReadLineAsync(cancellationToken);
            while (!line.IsCompleted)
            {
                var change = changes.Reader.WaitToReadAsync(cancellationToken).AsTask();
                if (await Task.WhenAny(line, change) != change)
                    break;
                changes.Reader.TryRead(out _);
                if (server.Faults.PushDelay > TimeSpan.Zero)
                    await Task.WhenAny(line, Task.Delay(server.Faults.PushDelay, cancellationToken));
                if (server.Faults.IdleWithoutPush || line.IsCompleted)
                    continue;
                var response = new Response();
                selected.Sync(response, mayExpunge: true);
                if (response.Length > 0)
                    await SendAsync(response, cancellationToken);
            }

            if (!string.Equals(await line, "DONE", StringComparison.OrdinalIgnoreCase))
                throw new BadCommandException("Expected DONE");
            if (server.Faults.DoneUnanswered)
                wire.Freeze();
        }
        finally
        {
            selected.Unwatch();
            selected.Folder.EndIdle();
        }
    }

    private async Task SayAsync(string line)
    {
        try
        {
            await SendAsync(new Response().Line(line), CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The client has gone.
        }
    }

    private Task SendAsync(ImapTestCommand? command, Response response, CancellationToken cancellationToken)
    {
        if (command is null || server.Faults.Rewrite is not { } rewrite)
            return SendAsync(response, cancellationToken);
        var text = rewrite(command, Encoding.Latin1.GetString(response.Bytes.Span)) ?? throw new IOException("Closed on demand.");
        return SendAsync(new Response().Add(text), cancellationToken);
    }

    private Task SendAsync(Response response, CancellationToken cancellationToken) => wire.SendAsync(response.Bytes, cancellationToken);
}
