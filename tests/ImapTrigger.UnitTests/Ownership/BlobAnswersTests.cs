using System.Net;
using System.Net.Sockets;
using Azure;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using ImapTrigger.Ownership;
using ImapTrigger.Ownership.Blobs;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Ownership;

/// <summary>What the storage's trouble is called, and what to do.</summary>
public sealed class BlobAnswersTests
{
    [Theory]
    [InlineData("http://127.0.0.1:10000/devstoreaccount1/c", "AzureWebJobsStorage", "it is the development storage that the app setting AzureWebJobsStorage names: start Azurite")]
    [InlineData("http://azurite:10000/devstoreaccount1/c", "AzureWebJobsStorage", "it is the development storage that the app setting AzureWebJobsStorage names: start Azurite")]
    [InlineData("http://devstoreaccount1.blob.localhost:10000/c", "Storage__blobServiceUri", "it is the development storage that the app setting Storage__blobServiceUri names: start Azurite")]
    [InlineData("http://127.0.0.1:10000/other/c", "ConnectionStrings__Storage", "by the app setting ConnectionStrings__Storage it is on this machine: start what serves it there (Azurite)")]
    [InlineData("https://account.blob.core.windows.net/c", "AzureWebJobsStorage__accountName", "check the app setting AzureWebJobsStorage__accountName and the way there")]
    [InlineData("https://devstoreaccount12.blob.core.windows.net/c", "AzureWebJobsStorage", "check the app setting AzureWebJobsStorage and the way there")]
    public async Task Where_nobody_answers_the_setting_is_named(string container, string setting, string said)
    {
        var place = Place(container, new StorageSetting(setting.Split("__")[0]) { Name = setting });
        Func<Task<Response>> refused = () => throw new RequestFailedException("Connection refused");
        var answer = await BlobAnswers.OfAsync(place, refused, TestContext.Current.CancellationToken);
        Assert.Equal(StoreOutcome.Unreachable, answer.Outcome);
        Assert.StartsWith($"it cannot be reached; {said} (", answer.Reason, StringComparison.Ordinal);

        Func<Task<Response>> silent = () => throw new TaskCanceledException();
        Assert.Equal($"no answer in time; {said}", (await BlobAnswers.OfAsync(place, silent, TestContext.Current.CancellationToken)).Reason);
    }

    [Fact]
    public async Task A_storage_that_hangs_names_the_setting_too()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var container = new BlobContainerClient(new Uri($"http://{silent.LocalEndpoint}/devstoreaccount1/c"));
        var time = new FakeTimeProvider();
        var setting = new StorageSetting("Storage");
        var answers = new[]
        {
            new TimedStore(new BlobPartitionStore(container, "app/f", time, setting), TimeSpan.FromSeconds(5), time).CallAsync((store, token) => store.RenewAsync(1, Guid.NewGuid(), token), TestContext.Current.CancellationToken),
            new TimedPoisonStore(new BlobPoisonStore(container, "app/f", setting), time).TakeReplayAsync("some", TestContext.Current.CancellationToken),
        };
        time.Advance(TimeSpan.FromMinutes(2));
        var said = (await Task.WhenAll(answers)).Select(answer => answer.Reason);
        Assert.Equal([
            "no answer within 5 s; it is the development storage that the app setting Storage names: start Azurite",
            "no answer within 2 min; it is the development storage that the app setting Storage names: start Azurite",
        ], said);

        var reading = new LeftBehind(new BlobAppRecords(container, "app", setting), "f", () => [], time).ReadAsync(TimeSpan.Zero, TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("no answer within 30 s; it is the development storage that the app setting Storage names: start Azurite", (await reading).Reason);
    }

    [Theory]
    [InlineData("AuthenticationFailed", "the key or signature in Storage is not accepted. It may have been rotated.")]
    [InlineData("AuthorizationFailure", "the storage account refuses this app: its firewall does not allow the app's network, or the key in Storage is wrong.")]
    public async Task A_refusal_names_the_setting(string code, string said)
    {
        Func<Task<Response>> refused = () => throw new RequestFailedException(403, "no", code, null);
        Assert.Equal(said, (await BlobAnswers.OfAsync(Place("https://account.blob.core.windows.net/c", new StorageSetting("Storage")), refused, TestContext.Current.CancellationToken)).Reason);
    }

    [Theory]
    [InlineData(503, "7", "the storage asks for patience (503 ServerBusy, for 7 s)")]
    [InlineData(429, "90", "the storage asks for patience (429 ServerBusy, for 1 min 30 s)")]
    [InlineData(503, "soon\u001b", "the storage asks for patience (503 ServerBusy)")]
    [InlineData(503, null, "the storage asks for patience (503 ServerBusy)")]
    [InlineData(500, null, "the store answered 500 ServerBusy")]
    public async Task A_storage_that_asks_for_patience_is_said_to(int status, string? retryAfter, string said)
    {
        var options = new BlobClientOptions { Transport = new HttpClientTransport(new Handler(status, retryAfter)), Retry = { MaxRetries = 0 } };
        var blob = new BlobClient(new Uri("https://account.blob.core.windows.net/c/b"), options);
        var answer = await BlobAnswers.OfAsync(Place("https://account.blob.core.windows.net/c", null), () => blob.GetPropertiesAsync(cancellationToken: TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        Assert.Equal(said, answer.Reason);
    }

    private static BlobPlace Place(string container, StorageSetting? setting) => new(new BlobContainerClient(new Uri(container)), "app", setting);

    private sealed class Handler(int status, string? retryAfter) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = new HttpResponseMessage((System.Net.HttpStatusCode)status);
            response.Headers.Add("x-ms-error-code", "ServerBusy");
            if (retryAfter is not null)
                response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
            return Task.FromResult(response);
        }
    }
}
