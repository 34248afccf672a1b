using System.Globalization;
using Azure;
using Azure.Identity;
using Azure.Storage.Blobs.Models;
using ImapTrigger.Diagnostics;

namespace ImapTrigger.Ownership.Blobs;

/// <summary>What Azure Storage throws -> what it means for a lease, with a reason that repeats no key and no signature.</summary>
internal static class BlobAnswers
{
    public static async Task<StoreAnswer> OfAsync<TResponse>(string location, Func<Task<TResponse>> call, CancellationToken cancellationToken)
    {
        try
        {
            await call();
            return StoreAnswer.Done;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return Of(e, location, acquiring: false);
        }
    }

    public static async Task<StoreAnswer<T>> OfAsync<T>(string location, Func<Task<StoreAnswer<T>>> call, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            var answer = Of(e, location, acquiring: true);
            return new StoreAnswer<T>(answer.Outcome, null, answer.Reason);
        }
    }

    /// <summary>Comparing the code itself would throw where there is none, as with a connection that failed.</summary>
    public static bool Is(RequestFailedException e, BlobErrorCode code) => e.ErrorCode is { } actual && actual == code;

    private static StoreAnswer Of(Exception e, string location, bool acquiring) => e switch
    {
        RequestFailedException { Status: 401 or 403 } refused => new StoreAnswer(StoreOutcome.Forbidden, WhatToGrant(refused, location)),
        RequestFailedException failed when Is(failed, BlobErrorCode.ContainerBeingDeleted) =>
            new StoreAnswer(StoreOutcome.Unreachable, "the container is being deleted"),
        // 404, 409, 412: the record is gone, or under another lease. Who acquires has found somebody faster.
        RequestFailedException { Status: 404 or 409 or 412 } taken => acquiring
            ? new StoreAnswer(StoreOutcome.Busy)
            : new StoreAnswer(StoreOutcome.Lost, $"the store says {taken.ErrorCode ?? "it is not ours"} ({taken.Status})"),
        RequestFailedException { Status: 429 or 503 } busy => new StoreAnswer(StoreOutcome.Unreachable, $"the storage asks for patience ({busy.Status} {busy.ErrorCode}{RetryAfter(busy)})"),
        RequestFailedException { Status: > 0 } failed => new StoreAnswer(StoreOutcome.Unreachable, $"the store answered {failed.Status} {failed.ErrorCode}"),
        AuthenticationFailedException => new StoreAnswer(
            StoreOutcome.Forbidden, "no token for the storage account could be got. Check the app's managed identity or the credential settings of AzureWebJobsStorage."),
        TypeLoadException or MissingMemberException or FileNotFoundException or FileLoadException or BadImageFormatException => new StoreAnswer(
            StoreOutcome.Forbidden, $"the storage client cannot run here: packages of the app and its host do not fit together ({e.Message})."),
        OperationCanceledException => new StoreAnswer(StoreOutcome.Unreachable, "no answer in time"),
        // After retries there is one for each; what is in the way now is what the last one says.
        AggregateException { InnerExceptions: [.., var last] } => Of(last, location, acquiring),
        _ => new StoreAnswer(StoreOutcome.Unreachable, $"it cannot be reached{WhereToLook(location)} ({e.GetBaseException().GetType().Name}: {e.GetBaseException().Message})"),
    };

    private static string RetryAfter(RequestFailedException e) =>
        e.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var after) == true && uint.TryParse(after, CultureInfo.InvariantCulture, out var seconds)
            ? $", for {new Pause(TimeSpan.FromSeconds(seconds))}"
            : "";

    /// <summary>The development storage (Azurite) has its account's name in the path; nobody else's lies on this machine.</summary>
    private static string WhereToLook(string location) => Uri.TryCreate(location, UriKind.Absolute, out var uri) && uri.IsLoopback
        ? "; it is the development storage that the app setting AzureWebJobsStorage names: start Azurite"
        : "; check the app setting AzureWebJobsStorage and the way there";

    private static string WhatToGrant(RequestFailedException e, string location) => e.ErrorCode switch
    {
        "AuthorizationPermissionMismatch" => $"the app's identity may not use {location}. Grant it the role \"Storage Blob Data Contributor\" on the container.",
        "AuthenticationFailed" => "the key or signature in AzureWebJobsStorage is not accepted. It may have been rotated.",
        "AuthorizationFailure" => "the storage account refuses this app: its firewall does not allow the app's network, or the key in AzureWebJobsStorage is wrong.",
        var code => $"the store refuses us ({e.Status} {code}). The app needs to read, write and lease blobs there: role \"Storage Blob Data Contributor\".",
    };
}
