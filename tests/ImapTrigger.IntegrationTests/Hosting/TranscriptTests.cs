using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using ImapTrigger.IntegrationTests.Servers;
using ImapTrigger.Testing;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>
/// The transcript in docs/troubleshooting.md: each message is brought about in a host and compared with what the page shows under the heading of that name. What differs
/// from run to run stands there in braces.
/// </summary>
public sealed partial class TranscriptTests : IAsyncDisposable
{
    private const string Password = "an app password";
    private readonly ImapTestServer _server = ImapTestServer.Start();
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");
    private readonly List<(string Text, string Placeholder)> _varying = [];

    public TranscriptTests()
    {
        var folders = _server.AddAccount("ann", Password);
        foreach (var folder in (string[])["Archive", "Archive/2026", "Sent"])
            folders.AddFolder(folder);
    }

    public static TheoryData<string> Headings => [.. Page().Keys];

    [Theory]
    [MemberData(nameof(Headings))]
    public async Task The_page_shows_what_is_said(string heading)
    {
        var said = Normalised(await SaidAsync(heading));
        // Whole, so that it can be put into the page.
        Assert.True(Page()[heading] == said, $"{heading}:\n{said}\n");
    }

    [Fact]
    public void The_page_has_every_message() => Assert.Superset(
        new HashSet<string>
        {
            "Plain text against a port with TLS", "TLS against a port without", "Another certificate than the pinned one", "A wrong password", "No such folder", "An unknown host", "Nobody listens there",
            "Storage away", "Development storage not started", "Storage that asks for patience", "Storage that asks for patience, 429", "Storage that hangs", "A misspelt section", "MAIL in the environment", "A parameter of a wrong shape", "An unknown after-action",
        },
        Page().Keys.ToHashSet());

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _state.Delete(recursive: true);
    }

    private Task<string> SaidAsync(string heading) => heading switch
    {
        "Plain text against a port with TLS" => LogAsync(327, ("security", "none"), ("port", Text(_server.TlsPort))),
        "TLS against a port without" => LogAsync(305, ("security", "tls")),
        "Another certificate than the pinned one" => LogAsync(305, ("security", "tls"), ("port", Text(_server.TlsPort)), ("certificateFingerprint", new string('0', 64))),
        "A wrong password" => LogAsync(305, ("password", "another one")),
        "No such folder" => LogAsync(typeof(Misspelt), 305),
        "An unknown host" => LogAsync(305, ("host", "mail.invalid"), ("security", "tls")),
        "Nobody listens there" => LogAsync(305, ("port", Text(Nobody()))),
        "Storage away" => LogAsync(204, ("AzureWebJobsStorage", "DefaultEndpointsProtocol=https;AccountName=account;AccountKey=AAAA;EndpointSuffix=core.invalid")),
        "Development storage not started" => LogAsync(204, ("AzureWebJobsStorage", $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=AAAA;BlobEndpoint=http://127.0.0.1:{Nobody()}/devstoreaccount1")),
        "Storage that asks for patience" => StorageAsync("HTTP/1.1 503 Server Busy\r\nx-ms-error-code: ServerBusy\r\nRetry-After: 30\r\n"),
        "Storage that asks for patience, 429" => StorageAsync("HTTP/1.1 429 Too Many Requests\r\nx-ms-error-code: TooManyRequests\r\nRetry-After: 90\r\n"),
        "Storage that hangs" => StorageAsync(answer: null),
        "A misspelt section" => StartAsync(typeof(Right), ("AzureWebJobs:extensions:imapIdel:maxAttempts", "3")),
        "MAIL in the environment" => StartAsync(typeof(OfMail), ("Mail", "/var/mail/ann")),
        "A parameter of a wrong shape" => StartAsync(typeof(WrongShape)),
        "An unknown after-action" => StartAsync(typeof(WrongAction)),
        "A retry policy without an end" => StartAsync(typeof(Endless)),
        _ => throw new ArgumentException($"The page has a message that no test brings about: {heading}."),
    };

    /// <summary>The first line of that kind, of a host that runs with settings of its own.</summary>
    private Task<string> LogAsync(int eventId, params (string Key, string Value)[] settings) => LogAsync(typeof(Right), eventId, settings);

    private async Task<string> LogAsync(Type functions, int eventId, params (string Key, string Value)[] settings)
    {
        await using var app = await FunctionApp.StartAsync(functions, new Inbox<ImapEvent>(), With(settings));
        await app.Logs.WaitForAsync(eventId);
        return app.Logs.Entries.First(entry => entry.EventId == eventId).Text;
    }

    private async Task<string> StorageAsync(string? answer)
    {
        using var storage = new TcpListener(IPAddress.Loopback, 0);
        storage.Start();
        var answering = answer is null ? Task.CompletedTask : AnswerAsync(storage, answer);
        var port = ((IPEndPoint)storage.LocalEndpoint).Port;
        _varying.Add((Text(port), "{port}"));
        var said = await LogAsync(204, ("AzureWebJobsStorage", $"DefaultEndpointsProtocol=http;AccountName=account;AccountKey=AAAA;BlobEndpoint=http://127.0.0.1:{port}/account"));
        storage.Stop();
        await answering;
        return said;
    }

    private async Task<string> StartAsync(Type functions, params (string Key, string Value)[] settings)
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => FunctionApp.StartAsync(functions, new Inbox<ImapEvent>(), With(settings)));
        return error.ToString();
    }

    private static async Task AnswerAsync(TcpListener listener, string answer)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
                using var lines = new StreamReader(client.GetStream());
                while (await lines.ReadLineAsync(TestContext.Current.CancellationToken) is { Length: > 0 })
                {
                    // The request's head.
                }

                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{answer}Content-Length: 0\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The listener was stopped, or the client is.
        }
    }

    private int Nobody()
    {
        var port = FreePort.Find(1)[0];
        _varying.Add((Text(port), "{port}"));
        return port;
    }

    private IEnumerable<KeyValuePair<string, string?>> With((string Key, string Value)[] settings) =>
    [
        new("Imap:host", "127.0.0.1"), new("Imap:port", Text(_server.Port)), new("Imap:security", "none"), new("Imap:userName", "ann"), new("Imap:password", Password),
        new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName), new("AzureWebJobs:extensions:imapIdle:stateName", "app"),
        .. settings.Select(setting => new KeyValuePair<string, string?>(setting.Key.Contains(':', StringComparison.Ordinal) || char.IsUpper(setting.Key[0]) ? setting.Key : $"Imap:{setting.Key}", setting.Value)),
    ];

    private string Normalised(string said)
    {
        foreach (var (text, placeholder) in _varying.Append((Text(_server.Port), "{port}")).Append((Text(_server.TlsPort), "{port}")))
            said = Regex.Replace(said, $@"\b{text}\b", placeholder);
        // The page shows lines, not traces.
        said = Regex.Split(said, @" ImapTrigger\.Imap\.ImapSessionException: ")[0];
        said = Function().Replace(said, "{function}");
        said = Fingerprint().Replace(said, "{sha256}");
        said = Date().Replace(said, "{date}");
        said = Attempt().Replace(said, "Next attempt in {wait}");
        said = Cause().Replace(said, "({cause})");
        return string.Join('\n', said.Split('\n').Select(line => line.Trim())).Trim();
    }

    /// <summary>The blocks of the section, by their headings.</summary>
    private static Dictionary<string, string> Page()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs/troubleshooting.md"));
        var section = page[(page.IndexOf("\n## Transcript\n", StringComparison.Ordinal) + 1)..];
        return Block().Matches(section).ToDictionary(match => match.Groups["heading"].Value, match => match.Groups["said"].Value.Trim());
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\*\*(?<heading>[^*]+)\.\*\*[^`]*?(?:`[^`]+`[^`]*?)*\n```\n(?<said>.*?)\n```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"ImapTrigger\.IntegrationTests\.Hosting\.TranscriptTests_\w+\.OnMail-[0-9a-f]{8}")]
    private static partial Regex Function();

    [GeneratedRegex("(?:[0-9A-F]{2}:){31}[0-9A-F]{2}")]
    private static partial Regex Fingerprint();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d \d\d:\d\d UTC")]
    private static partial Regex Date();

    [GeneratedRegex(@"Next attempt in [^.]+")]
    private static partial Regex Attempt();

    [GeneratedRegex(@"\((?:RequestFailedException|HttpRequestException|SocketException|HostNotFound|TryAgain|NoData)[^)]*(?:\([^)]*\))?[^)]*\)")]
    private static partial Regex Cause();

    private sealed class Right
    {
        public void OnMail([ImapIdleTrigger] ImapEvent mail)
        {
        }
    }

    private sealed class Misspelt
    {
        public void OnMail([ImapIdleTrigger("archive.2026")] ImapEvent mail)
        {
        }
    }

    private sealed class OfMail
    {
        public void OnMail([ImapIdleTrigger(Connection = "Mail")] ImapEvent mail)
        {
        }
    }

    private sealed class WrongShape
    {
        public void OnMail([ImapIdleTrigger] int mail)
        {
        }
    }

    private sealed class WrongAction
    {
        public void OnMail([ImapIdleTrigger(OnSuccess = "archive")] ImapEvent mail)
        {
        }
    }

    private sealed class Endless
    {
        [Microsoft.Azure.WebJobs.FixedDelayRetry(-1, "00:00:05")]
        public void OnMail([ImapIdleTrigger] ImapEvent mail)
        {
        }
    }
}
