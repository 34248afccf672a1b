using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>IMAP byte for byte, without TLS: for what a client library would change or not say.</summary>
internal sealed class RawImap : IAsyncDisposable
{
    private readonly TcpClient _tcp;
    private readonly StreamReader _reader;
    private int _tag;

    private RawImap(TcpClient tcp)
    {
        _tcp = tcp;
        _reader = new StreamReader(tcp.GetStream(), Encoding.Latin1);
    }

    /// <summary>The server's first line.</summary>
    public string Greeting { get; private set; } = "";

    public static async Task<RawImap> ConnectAsync(ImapAccount account)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(account.Host, account.Port!.Value, TestContext.Current.CancellationToken);
        var client = new RawImap(tcp);
        client.Greeting = await client.ReadLineAsync() ?? "";
        return client;
    }

    public static async Task<RawImap> LogInAsync(ImapAccount account)
    {
        var client = await ConnectAsync(account);
        await client.AskAsync($"LOGIN {account.UserName} {account.Password}");
        return client;
    }

    public Task AppendAsync(string folder, byte[] message) =>
        AskAsync(string.Create(CultureInfo.InvariantCulture, $"APPEND {folder} {{{message.Length}}}"), message);

    /// <summary>What the server answers, all lines; an answer other than OK fails the test.</summary>
    public async Task<IReadOnlyList<string>> AskAsync(string command, byte[]? literal = null)
    {
        var lines = await TryAsync(command, literal);
        Assert.True(lines[^1].Contains(" OK ", StringComparison.Ordinal), $"{command}: {lines[^1]}");
        return lines;
    }

    /// <summary>What the server answers, all lines, the last of them without its tag.</summary>
    public async Task<IReadOnlyList<string>> TryAsync(string command, byte[]? literal = null)
    {
        var tag = string.Create(CultureInfo.InvariantCulture, $"t{++_tag}");
        await WriteAsync(Encoding.ASCII.GetBytes($"{tag} {command}\r\n"));
        var lines = new List<string>();
        while (await ReadLineAsync() is { } line)
        {
            if (line.StartsWith('+') && literal is not null)
                await WriteAsync([.. literal, .. "\r\n"u8]);
            else
                lines.Add(line);
            if (line.StartsWith($"{tag} ", StringComparison.Ordinal))
            {
                lines[^1] = line[tag.Length..];
                return lines;
            }
        }

        return [.. lines, " the connection ended"];
    }

    public async Task<string?> ReadLineAsync() => await _reader.ReadLineAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _tcp.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task WriteAsync(byte[] bytes) => await _tcp.GetStream().WriteAsync(bytes, TestContext.Current.CancellationToken);
}
