using System.Globalization;
using System.Text.Json;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Operating;

/// <summary>
/// Three hosts with twelve mailboxes on Dovecot, scraped by Prometheus while functions fail, the mail server restarts and a host is killed: every panel of the
/// dashboard has something to show. <c>./test.sh dashboard --minutes 10</c> for a run that is worth a picture.
/// </summary>
public sealed class DashboardTests(DovecotServer dovecot, AzuriteServer azurite) : IClassFixture<DovecotServer>, IClassFixture<AzuriteServer>
{
    private const int Hosts = 3;
    private const int Mailboxes = 12;
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(double.Parse(Environment.GetEnvironmentVariable("DASHBOARD_MINUTES") ?? "0.1", CultureInfo.InvariantCulture));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_panel_has_something_to_show()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts/prometheus", DateTime.UtcNow.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)));
        var ports = FreePort.Find(Hosts);
        await using var prometheus = await PrometheusServer.StartAsync(folder, ports);
        var hosts = ports.Select(Start).ToArray();
        try
        {
            await WaitAsync(prometheus, $"sum(imap_trigger_mailboxes) == {Mailboxes} and count(imap_trigger_partitions > 0) == {Hosts}");
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var sending = SendAsync(ending.Token);

            await WaitAsync(prometheus, "sum(imap_trigger_poisoned_total) > 0");
            await Task.Delay(Length / 3, Token);
            await dovecot.RestartAsync();
            await WaitAsync(prometheus, "sum(imap_trigger_reconnects_total) > 0");
            await Task.Delay(Length / 3, Token);
            await hosts[0].KillAsync();
            await WaitAsync(prometheus, $"sum(imap_trigger_mailboxes) == {Mailboxes} and count(imap_trigger_partitions > 0) == {Hosts - 1}");
            hosts[0] = Start(ports[0]);
            await Task.Delay(Length / 3, Token);

            foreach (var (panel, expression) in Expressions())
            {
                var answer = await prometheus.QueryAsync(expression, Token);
                Assert.True(answer.Count > 0, $"{panel} shows nothing: {expression}");
            }

            await ending.CancelAsync();
            await sending;
        }
        finally
        {
            foreach (var host in hosts)
                await host.DisposeAsync();
        }
    }

    /// <summary>Every query of the dashboard, with the variables as Grafana fills them in.</summary>
    private static IEnumerable<(string Panel, string Expression)> Expressions()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "docs/dashboard.json")));
        foreach (var panel in dashboard.RootElement.GetProperty("panels").EnumerateArray().Where(panel => panel.TryGetProperty("targets", out _)))
        {
            foreach (var target in panel.GetProperty("targets").EnumerateArray())
                yield return (panel.GetProperty("title").GetString()!, target.GetProperty("expr").GetString()!
                    .Replace("$__rate_interval", "1m", StringComparison.Ordinal).Replace("$__range", "1h", StringComparison.Ordinal)
                    .Replace("$job", ".*", StringComparison.Ordinal).Replace("$function", ".*", StringComparison.Ordinal));
        }
    }

    private HostProcess Start(int port) => HostProcess.Start(
    [
        .. Enumerable.Range(0, Mailboxes).SelectMany(i => dovecot.Settings($"mailbox-{i}").Select(setting => KeyValuePair.Create(setting.Key.Replace("Imap:", $"Imap:{i}:", StringComparison.Ordinal), setting.Value))),
        new("AzureWebJobsStorage", azurite.ConnectionString), new("AzureWebJobs:extensions:imapIdle:maxAttempts", "2"),
        new("PROMETHEUS_PORT", port.ToString(CultureInfo.InvariantCulture)),
    ]);

    /// <summary>Mail for all, most of it good, until cancelled.</summary>
    private async Task SendAsync(CancellationToken cancellationToken)
    {
        var random = new Random(1);
        try
        {
            for (var i = 0; ; i++)
            {
                var subject = i % 100 == 0 ? "Fail" : i % 20 == 0 ? "FailOnce" : $"m{i}";
                await dovecot.DeliverAsync($"mailbox-{random.Next(Mailboxes)}", [OddMessages.Plain(subject)]);
                // More by day than by night.
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20, 200) * (1.5 + Math.Sin(i / 300.0))), cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }

    private static async Task WaitAsync(PrometheusServer prometheus, string condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromMinutes(3));
        while ((await prometheus.QueryAsync(condition, limit.Token)).Count == 0)
            await Task.Delay(500, limit.Token);
    }
}
