using System.Text.Json;
using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
using ImapTrigger.Connections;
using ImapTrigger.Hosting;
using ImapTrigger.IntegrationTests.Servers;
using ImapTrigger.Ownership;
using ImapTrigger.Ownership.Blobs;
using Microsoft.Extensions.Azure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ImapTrigger.IntegrationTests.Operating;

/// <summary>The template in deploy/ builds without a warning, and what it sets is what the extension reads. Nothing here asks Azure.</summary>
public sealed class DeployTests
{
    private const string Dedicated = "Dedicated";
    private const string ElasticPremium = "ElasticPremium";

    [Theory]
    [InlineData("build", "--stdout")]
    [InlineData("lint")]
    public async Task Bicep_has_nothing_to_say_about_the_template(params string[] command)
    {
        var (exitCode, output, errors) = await Bicep.RunAsync([.. command, Bicep.Template]);
        Assert.Equal((0, ""), (exitCode, errors));
        if (command is ["build", ..])
            Assert.Contains("Microsoft.Web/sites", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Dedicated)]
    [InlineData(ElasticPremium)]
    public async Task The_extension_finds_mailbox_and_storage_in_the_app_settings(string plan)
    {
        using var evaluated = await Bicep.EvaluateAsync(plan);
        var settings = AppSettings(evaluated);
        // Known to Azure only.
        foreach (var endpoint in settings.Keys.Where(key => key.EndsWith("Uri", StringComparison.Ordinal)).ToArray())
            settings[endpoint] = "https://account.blob.core.windows.net/";
        Assert.Contains("@Microsoft.KeyVault(SecretUri=", settings["Imap__password"], StringComparison.Ordinal);
        settings["Imap__password"] = "from the vault";
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key.Replace("__", ":", StringComparison.Ordinal), setting.Value)))
            .Build();

        var services = new ServiceCollection();
        services.AddAzureClientsCore();
        await using var provider = services.BuildServiceProvider();
        var components = provider.GetRequiredService<AzureComponentFactory>();
        var account = Assert.Single(new ImapAccounts(configuration, new AccessTokens(components, new TokenEndpoint(), [], TimeProvider.System)).Find("Imap", "OnMail").Mailboxes).Account;
        Assert.Equal(("imap.example.org", "ann@example.org", "from the vault"), (account.Host, account.UserName, account.Password));
        var container = new StateStorage(configuration, components).Container(new ImapIdleOptions().Container);
        Assert.Equal("account.blob.core.windows.net", container.Uri.Host);
        var made = evaluated.OfType("Microsoft.Storage/storageAccounts/blobServices/containers")
            .Select(resource => resource.GetProperty("name").GetString()!.Split('/')[^1]);
        Assert.Contains(container.Name, made);
    }

    [Fact]
    public async Task Only_what_was_put_aside_is_deleted_after_a_time()
    {
        using var evaluated = await Bicep.EvaluateAsync(Dedicated);
        var policy = evaluated.TheOne("Microsoft.Storage/storageAccounts/managementPolicies").Properties().GetProperty("policy");
        var rule = Assert.Single(policy.GetProperty("rules").EnumerateArray());
        var prefix = Assert.Single(rule.GetProperty("definition").GetProperty("filters").GetProperty("prefixMatch").EnumerateArray());
        var record = new PoisonRecord { Mailbox = "m", Function = "f", Event = new ImapEvent { Account = "a", Folder = "f", UidValidity = 1, Uid = 1 } };
        var poisoned = new BlobPoisonStore(new BlobContainerClient(new Uri("https://account.blob.core.windows.net/c")), StateKey.Of("app", "f")).PathOf(record);
        Assert.Equal($"{new ImapIdleOptions().Container}/{poisoned.Split('/')[0]}/", prefix.GetString());
    }

    [Fact]
    public async Task Each_plan_keeps_an_instance()
    {
        using var dedicated = await Bicep.EvaluateAsync(Dedicated);
        using var elastic = await Bicep.EvaluateAsync(ElasticPremium);
        Assert.True(SiteConfig(dedicated).GetProperty("alwaysOn").GetBoolean());
        Assert.Equal(1, SiteConfig(elastic).GetProperty("minimumElasticInstanceCount").GetInt32());
        Assert.True(SiteConfig(elastic).GetProperty("functionsRuntimeScaleMonitoringEnabled").GetBoolean());
        Assert.Equal("EP1", elastic.TheOne("Microsoft.Web/serverfarms").GetProperty("sku").GetProperty("name").GetString());
    }

    [Theory]
    [InlineData(Dedicated)]
    [InlineData(ElasticPremium)]
    public async Task No_key_and_no_password_goes_anywhere_but_into_the_vault(string plan)
    {
        using var evaluated = await Bicep.EvaluateAsync(plan);
        Assert.False(evaluated.TheOne("Microsoft.Storage/storageAccounts").Properties().GetProperty("allowSharedKeyAccess").GetBoolean());
        Assert.All(evaluated.OfType("Microsoft.Web/sites/basicPublishingCredentialsPolicies"), way => Assert.False(way.Properties().GetProperty("allow").GetBoolean()));
        var all = evaluated.RootElement.GetRawText();
        Assert.DoesNotContain("not to be seen", all, StringComparison.Ordinal);
        Assert.DoesNotContain("listKeys", all, StringComparison.OrdinalIgnoreCase);
        Assert.Single(Regex.Matches(all, @"parameters\('mailPassword'\)"));
    }

    [Theory]
    [InlineData("dotnet-isolated", "DOTNET-ISOLATED")]
    [InlineData("node", "NODE")]
    [InlineData("python", "PYTHON")]
    public async Task The_language_is_the_one_that_was_asked_for(string runtime, string image)
    {
        using var evaluated = await Bicep.EvaluateAsync(Dedicated, runtime);
        Assert.Equal(runtime, AppSettings(evaluated)["FUNCTIONS_WORKER_RUNTIME"]);
        var version = SiteConfig(evaluated).GetProperty("linuxFxVersion").GetString()!;
        Assert.StartsWith($"{image}|", version, StringComparison.Ordinal);
        if (runtime != "dotnet-isolated")
            return;
        var sample = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "sample-function-app/isolated/Isolated.csproj"), TestContext.Current.CancellationToken);
        Assert.Contains($"<TargetFramework>net{version.Split('|')[1]}<", sample, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_workbook_is_deployed_as_it_is_in_docs_for_this_workspace()
    {
        using var evaluated = await Bicep.EvaluateAsync(Dedicated);
        using var deployed = JsonDocument.Parse(evaluated.TheOne("Microsoft.Insights/workbooks").Properties().GetProperty("serializedData").GetString()!);
        using var page = MonitoringDeployTests.Workbook();
        Assert.True(JsonElement.DeepEquals(page.RootElement.GetProperty("items"), deployed.RootElement.GetProperty("items")));
        Assert.Equal(
            evaluated.TheOne("Microsoft.OperationalInsights/workspaces").GetProperty("id").GetString(),
            Assert.Single(deployed.RootElement.GetProperty("fallbackResourceIds").EnumerateArray()).GetString());
    }

    private static JsonElement SiteConfig(JsonDocument evaluated) => evaluated.TheOne("Microsoft.Web/sites").Properties().GetProperty("siteConfig");

    private static Dictionary<string, string?> AppSettings(JsonDocument evaluated) =>
        evaluated.TheOne("Microsoft.Web/sites/config").Properties().EnumerateObject()
            .ToDictionary(setting => setting.Name, setting => setting.Value.GetString());
}
