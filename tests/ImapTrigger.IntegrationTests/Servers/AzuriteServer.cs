using System.Globalization;
using System.Net.Sockets;

namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>Azurite's blob service with its own folder and port on loopback.</summary>
public sealed class AzuriteServer : IAsyncLifetime
{
    // Azurite's account and key are the same everywhere, and public.
    public const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imaptrigger-azurite-");
    private ServerProcess? _process;

    /// <summary>Whether it keeps an access log.</summary>
    public bool Logs { get; init; }

    /// <summary>The requests that it has answered, one a line: "PUT /account/container/blob?comp=lease HTTP/1.1" and so on.</summary>
    public IReadOnlyList<string> Requests => [.. _process!.Said.Where(line => line.Contains(" HTTP/1.1\" ", StringComparison.Ordinal))];

    public int Port { get; } = FreePort.Find(1)[0];

    public string ConnectionString => ConnectionStringWith(Key);

    /// <summary>The same account with another key.</summary>
    public string ConnectionStringWith(string key) => ConnectionStringOf(key, Port);

    /// <summary>The same account by way of another port.</summary>
    public string ConnectionStringAt(int port) => ConnectionStringOf(Key, port);

    private static string Main => Path.Combine(Repository.Root, "tests/azurite/node_modules/azurite/dist/src/blob/main.js");

    public async ValueTask InitializeAsync()
    {
        Needed.File(Main, "Azurite", "run npm ci in tests/azurite, or ./test.sh");
        await StartAsync();
    }

    /// <summary>Stops the server and starts it again on the same port and data.</summary>
    public async Task RestartAsync()
    {
        await _process!.DisposeAsync();
        await StartAsync();
    }

    private async Task StartAsync()
    {
        _process = ServerProcess.Start(
            "/usr/bin/env",
            ["node", Main, "--blobHost", "127.0.0.1", "--blobPort", Port.ToString(CultureInfo.InvariantCulture), "--location", _folder.FullName, "--disableTelemetry", "--skipApiVersionCheck", .. Logs ? Array.Empty<string>() : ["--silent"]]);
        await _process.WaitUntilReadyAsync(AnswersAsync);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static string ConnectionStringOf(string key, int port) =>
        $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={key};BlobEndpoint=http://127.0.0.1:{port}/devstoreaccount1;";

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var tcp = new TcpClient();
            await tcp.ConnectAsync("127.0.0.1", Port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
