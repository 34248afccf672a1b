using ImapTrigger.Connections;
using Microsoft.Extensions.Azure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ImapTrigger.UnitTests.Connections;

public sealed class StateStorageTests
{
    [Fact]
    public void Without_the_setting_there_is_no_storage() => Assert.False(Of().IsConfigured);

    [Fact]
    public void A_path_that_a_shell_sets_is_no_storage() => Assert.False(Of(("Storage", "/srv/data")).IsConfigured);

    [Fact]
    public void Nor_does_it_hide_the_storage() => Assert.Equal("https://acc.blob.core.windows.net/state", Of(("Storage", "/srv/data"), ("Storage:accountName", "acc")).Container("state").Uri.AbsoluteUri);

    [Theory]
    [InlineData("AzureWebJobsStorage", "UseDevelopmentStorage=true", "http://127.0.0.1:10000/devstoreaccount1/state")]
    [InlineData("ConnectionStrings:AzureWebJobsStorage", "DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=AAAA", "https://acc.blob.core.windows.net/state")]
    [InlineData("AzureWebJobsStorage:accountName", "acc", "https://acc.blob.core.windows.net/state")]
    [InlineData("AzureWebJobsStorage:blobServiceUri", "https://acc.blob.core.usgovcloudapi.net", "https://acc.blob.core.usgovcloudapi.net/state")]
    public void Each_way_to_name_an_account_finds_the_container(string key, string value, string uri) =>
        Assert.Equal(uri, Of((key, value)).Container("state").Uri.AbsoluteUri);

    [Theory]
    [InlineData("AzureWebJobsStorage", "AccountKey=secret-0815")]
    [InlineData("AzureWebJobsStorage", "secret-0815")]
    [InlineData("AzureWebJobsStorage", "/secret-0815")]
    [InlineData("AzureWebJobsStorage:blobServiceUri", "secret-0815")]
    [InlineData("AzureWebJobsStorage:credential", "secret-0815")]
    public void A_setting_that_cannot_be_used_is_named_and_not_shown(string key, string value)
    {
        var error = Assert.Throws<InvalidOperationException>(() => Of((key, value)).Container("state"));
        Assert.Contains("AzureWebJobsStorage", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret-0815", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AzureWebJobsStorage", "UseDevelopmentStorage=true", "AzureWebJobsStorage", "AzureWebJobsStorage")]
    [InlineData("ConnectionStrings:AzureWebJobsStorage", "UseDevelopmentStorage=true", "ConnectionStrings__AzureWebJobsStorage", "ConnectionStrings__AzureWebJobsStorage")]
    [InlineData("Storage", "UseDevelopmentStorage=true", "Storage", "Storage")]
    [InlineData("AzureWebJobsStorage:accountName", "acc", "AzureWebJobsStorage", "AzureWebJobsStorage__accountName")]
    [InlineData("Storage:serviceUri", "https://acc.blob.core.windows.net", "Storage", "Storage__serviceUri")]
    public void The_setting_that_is_used_is_known_by_name(string key, string value, string name, string place)
    {
        var storage = Of((key, value));
        Assert.Equal((name, place), (storage.Name, storage.NameOfPlace));
    }

    private static StateStorage Of(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build();
        var services = new ServiceCollection();
        services.AddAzureClientsCore();
        using var provider = services.BuildServiceProvider();
        return new StateStorage(configuration, provider.GetRequiredService<AzureComponentFactory>());
    }
}
