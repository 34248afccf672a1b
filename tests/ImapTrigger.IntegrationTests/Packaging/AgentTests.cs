using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.IntegrationTests.Servers;
using ImapTrigger.Testing;

namespace ImapTrigger.IntegrationTests.Packaging;

/// <summary>The agent of the samples, as it is committed, between a mailbox and a mail server that takes its answers.</summary>
[Collection(typeof(PackedCollection))]
[UnsupportedOSPlatform("windows")]
public sealed class AgentTests(PackedFeed feed) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imaptrigger-agent-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task It_answers_verified_mail_of_allowed_senders_and_nobody_else()
    {
        var app = await BuildAsync();
        await using var server = ImapTestServer.Start();
        var inbox = server.AddAccount("agent@example.org", "secret").Inbox;
        using var smtp = new Outbox();
        using var agent = Start(app, server.Port, smtp.Port);
        await agent.WaitForAsync("watching by idle");

        string[] pass = ["dmarc=pass header.from=example.org"], fail = ["dmarc=fail header.from=example.org"];
        inbox.Append(Mail("forged", "ann@example.org", fail));
        // What the forger writes stands below what the server writes.
        inbox.Append(Mail("forged below", "ann@example.org", [.. fail, .. pass]));
        inbox.Append(Mail("stranger", "eve@example.org", pass));
        inbox.Append(Mail("automatic", "ann@example.org", pass, "Auto-Submitted: auto-replied\r\n"));
        inbox.Append(Mail("good", "ann@example.org", pass, "Reply-To: eve@evil.example\r\nCc: bob@example.org\r\n"));
        await agent.WaitForAsync("Message 5 is answered.");

        var answer = Assert.Single(smtp.Got);
        Assert.Equal(["MAIL FROM:<agent@example.org>", "RCPT TO:<ann@example.org>"], answer.Envelope);
        Assert.Contains("Subject: Re: good\r\n", answer.Data, StringComparison.Ordinal);
        Assert.Contains("In-Reply-To: <good@example.org>\r\n", answer.Data, StringComparison.Ordinal);
        Assert.Contains("Auto-Submitted: auto-replied\r\n", answer.Data, StringComparison.Ordinal);
        Assert.EndsWith("An answer.\r\n", answer.Data, StringComparison.Ordinal);
        Assert.Equal("""{"from":"ann@example.org","subject":"good","text":"Please, $(rm -rf /)\n","threadId":"good@example.org"}""", await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "asked"), Token));
    }

    private static string Mail(string subject, string from, string[] results, string fields = "") =>
        string.Concat(results.Select(result => $"Authentication-Results: mx.example.org; {result}\r\n"))
        + $"Received: from x by mx.example.org\r\nFrom: {from}\r\nTo: agent@example.org\r\nMessage-ID: <{subject.Replace(' ', '-')}@example.org>\r\nSubject: {subject}\r\n{fields}\r\nPlease, $(rm -rf /)\r\n";

    private async Task<DirectoryInfo> BuildAsync()
    {
        var clone = feed.NewApp();
        Directory.CreateSymbolicLink(Path.Combine(clone.FullName, "packages"), feed.Folder);
        var app = clone.CreateSubdirectory("agent");
        foreach (var file in new DirectoryInfo(Path.Combine(Repository.Root, "sample-function-app/agent")).GetFiles())
            file.CopyTo(Path.Combine(app.FullName, file.Name));
        await feed.BuildAsync(app, "Agent.csproj");
        return app;
    }

    private Running Start(DirectoryInfo app, int imap, int smtp)
    {
        var program = Path.Combine(_folder.FullName, "answer");
        File.WriteAllText(program, $"#!/bin/sh\ncat > {_folder.FullName}/asked\necho An answer.\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return new Running(new ProcessStartInfo("dotnet", [Path.Combine(app.FullName, "bin/Agent.dll")])
        {
            RedirectStandardOutput = true,
            Environment =
            {
                ["Imap__host"] = "localhost", ["Imap__port"] = imap.ToString(CultureInfo.InvariantCulture), ["Imap__security"] = "none",
                ["Imap__userName"] = "agent@example.org", ["Imap__password"] = "secret", ["Imap__authservId"] = "mx.example.org",
                ["Agent__senders__0"] = "ann@example.org", ["Agent__program"] = program,
                ["Smtp__host"] = "127.0.0.1", ["Smtp__port"] = smtp.ToString(CultureInfo.InvariantCulture), ["Smtp__security"] = "None",
                ["AzureWebJobs__extensions__imapIdle__localStatePath"] = Path.Combine(_folder.FullName, "state"),
                ["DOTNET_ENVIRONMENT"] = "Development",
            },
        });
    }

    private sealed class Running : IDisposable
    {
        private readonly ConcurrentQueue<string> _lines = new();
        private readonly Signal _said = new();
        private readonly Process _process;

        public Running(ProcessStartInfo start)
        {
            _process = Process.Start(start)!;
            _process.OutputDataReceived += (_, line) =>
            {
                _lines.Enqueue(line.Data ?? "");
                _said.Raise();
            };
            _process.BeginOutputReadLine();
        }

        public Task WaitForAsync(string text) => _said.WaitForAsync(() => _lines.Any(line => line.Contains(text, StringComparison.Ordinal)), () => $"'{text}' in:\n{string.Join('\n', _lines)}");

        public void Dispose()
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
            _process.Dispose();
        }
    }

    /// <summary>A mail server that takes what it is given (RFC 5321).</summary>
    private sealed class Outbox : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Outbox()
        {
            _listener.Start();
            _ = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public ConcurrentQueue<(string[] Envelope, string Data)> Got { get; } = new();

        public void Dispose() => _listener.Dispose();

        private async Task AcceptAsync()
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
                await using var writer = new StreamWriter(client.GetStream(), Encoding.ASCII) { NewLine = "\r\n", AutoFlush = true };
                await writer.WriteLineAsync("220 here");
                var envelope = new List<string>();
                while (await reader.ReadLineAsync() is { } line && line != "QUIT")
                {
                    if (line.StartsWith("MAIL", StringComparison.Ordinal) || line.StartsWith("RCPT", StringComparison.Ordinal))
                        envelope.Add(line.Split(" SIZE")[0].Split(" BODY")[0]);
                    await writer.WriteLineAsync(line == "DATA" ? "354 go on" : "250 OK");
                    if (line != "DATA")
                        continue;
                    var data = new StringBuilder();
                    while (await reader.ReadLineAsync() is { } text && text != ".")
                        data.Append(text).Append("\r\n");
                    Got.Enqueue(([.. envelope], data.ToString()));
                    await writer.WriteLineAsync("250 taken");
                }

                await writer.WriteLineAsync("221 bye");
            }
        }
    }
}
