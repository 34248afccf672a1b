using Azure;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using ImapTrigger.Ownership;
using ImapTrigger.Ownership.Blobs;

namespace ImapTrigger.UnitTests.Ownership;

/// <summary>What the storage's trouble is called, and what to do.</summary>
public sealed class BlobAnswersTests
{
    [Theory]
    [InlineData("http://127.0.0.1:10000/devstoreaccount1/c/app", "it cannot be reached; it is the development storage that the app setting AzureWebJobsStorage names: start Azurite (")]
    [InlineData("https://account.blob.core.windows.net/c/app", "it cannot be reached; check the app setting AzureWebJobsStorage and the way there (")]
    public async Task Where_nobody_answers_the_setting_is_named(string location, string said)
    {
        Func<Task<Response>> refused = () => throw new RequestFailedException("Connection refused");
        var answer = await BlobAnswers.OfAsync(location, refused, TestContext.Current.CancellationToken);
        Assert.Equal(StoreOutcome.Unreachable, answer.Outcome);
        Assert.StartsWith(said, answer.Reason, StringComparison.Ordinal);
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
        var answer = await BlobAnswers.OfAsync("there", () => blob.GetPropertiesAsync(cancellationToken: TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        Assert.Equal(said, answer.Reason);
    }

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
