using ImapTrigger.Hosting;
using Microsoft.Azure.WebJobs.Host.Executors;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ImapTrigger.UnitTests.Hosting;

public sealed class StateNameTests
{
    private static readonly string Machine = string.Concat(Environment.MachineName.Where(char.IsLetterOrDigit)).ToLowerInvariant();
    private static readonly string OfMachine = $"{Machine}-1234567";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_a_Functions_host_on_a_developers_machine_it_is_the_hosts_id() => Assert.Equal(OfMachine, await NameAsync(OfMachine));

    [Theory]
    [InlineData("KUBERNETES_SERVICE_HOST", "10.0.0.1")]
    [InlineData("DOTNET_RUNNING_IN_CONTAINER", "true")]
    public async Task In_a_container_an_id_that_is_made_of_the_machines_name_ends_the_start(string sign, string value)
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => NameAsync(OfMachine, (sign, value), ("POD_NAMESPACE", "default")));
        Assert.All(["stateName", "AzureFunctionsWebHost__hostid", OfMachine, sign], named => Assert.Contains(named, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_machines_name_that_fills_the_id_is_seen_too() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => NameAsync(Machine[..Math.Min(Machine.Length, 32)], ("KUBERNETES_SERVICE_HOST", "10.0.0.1")));

    [Fact]
    public async Task A_host_without_an_id_is_told_what_to_set()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => NameAsync(null, ("KUBERNETES_SERVICE_HOST", "10.0.0.1"), ("POD_NAMESPACE", "default")));
        Assert.Contains("AzureFunctionsWebHost__hostid", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AzureFunctionsWebHost:hostid", "anything")]
    [InlineData("AZURE_FUNCTIONS_ENVIRONMENT", "Development")]
    public async Task An_id_that_was_chosen_and_a_developers_container_are_fine(string setting, string value) =>
        Assert.Equal(OfMachine, await NameAsync(OfMachine, ("DOTNET_RUNNING_IN_CONTAINER", "true"), (setting, value)));

    [Fact]
    public async Task An_id_that_is_not_made_of_the_machines_name_is_fine() => Assert.Equal("orders", await NameAsync("orders", ("KUBERNETES_SERVICE_HOST", "10.0.0.1")));

    [Fact]
    public async Task What_was_chosen_in_host_json_goes_before_all() =>
        Assert.Equal("mine", await Of("mine", null, ("KUBERNETES_SERVICE_HOST", "10.0.0.1"), ("WEBSITE_SITE_NAME", "site")).GetAsync(Token));

    private static Task<string> NameAsync(string? hostId, params (string Key, string Value)[] settings) => Of(null, hostId, settings).GetAsync(Token);

    private static StateName Of(string? chosen, string? hostId, params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Append(("FUNCTIONS_WORKER_RUNTIME", "node")).Select(setting => KeyValuePair.Create(setting.Item1, (string?)setting.Item2))).Build();
        return new StateName(Options.Create(new ImapIdleOptions { StateName = chosen }), configuration, [new HostId(hostId)]);
    }

    private sealed class HostId(string? id) : IHostIdProvider
    {
        public Task<string> GetHostIdAsync(CancellationToken cancellationToken) => Task.FromResult(id!);
    }
}
