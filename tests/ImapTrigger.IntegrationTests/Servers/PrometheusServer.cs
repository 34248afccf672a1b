using System.Globalization;
using System.Text.Json;

namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>Debian's Prometheus on loopback, which scrapes the given ports of this machine every second.</summary>
public sealed class PrometheusServer : IAsyncDisposable
{
    private readonly HttpClient _client;
    private readonly ServerProcess _process;

    private PrometheusServer(ServerProcess process, int port)
    {
        _process = process;
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    /// <param name="folder">Where its data lies; it stays there.</param>
    /// <param name="targets">The ports to scrape.</param>
    public static async Task<PrometheusServer> StartAsync(DirectoryInfo folder, IEnumerable<int> targets)
    {
        Needed.File("/usr/bin/prometheus", "Prometheus", "apt-get install prometheus, or ./test.sh as root");
        var file = Path.Combine(folder.FullName, "prometheus.yml");
        await File.WriteAllTextAsync(file, $$"""
            global: { scrape_interval: 1s, scrape_timeout: 1s }
            scrape_configs:
              - job_name: mail
                static_configs:
            {{string.Concat(targets.Select((port, i) => $"      - {{ targets: ['127.0.0.1:{port}'], labels: {{ instance: host-{i} }} }}\n"))}}
            """);
        var port = FreePort.Find(1)[0];
        var process = ServerProcess.Start(
            "/usr/bin/prometheus", $"--config.file={file}", $"--storage.tsdb.path={folder.FullName}/data", string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}"));
        var server = new PrometheusServer(process, port);
        await process.WaitUntilReadyAsync(server.AnswersAsync);
        return server;
    }

    /// <summary>What Prometheus answers to an expression; an error of its own is an exception with its words.</summary>
    public async Task<IReadOnlyList<JsonElement>> QueryAsync(string expression, CancellationToken cancellationToken)
    {
        using var answer = await _client.GetAsync($"/api/v1/query?query={Uri.EscapeDataString(expression)}", cancellationToken);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
        return json.RootElement.TryGetProperty("error", out var error)
            ? throw new InvalidOperationException($"{expression}: {error}")
            : [.. json.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(result => result.Clone())];
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await _client.GetAsync("/-/ready", cancellationToken)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
