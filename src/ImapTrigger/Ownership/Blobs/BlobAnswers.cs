using System.Globalization;
using Azure;
using Azure.Identity;
using Azure.Storage.Blobs.Models;

namespace ImapTrigger.Ownership.Blobs;

/// <summary>What Azure Storage throws -> what it means for a lease, with a reason that repeats no key and no signature.</summary>
internal static class BlobAnswers
{
    public static async Task<StoreAnswer> OfAsync<TResponse>(BlobPlace place, Func<Task<TResponse>> call, CancellationToken cancellationToken)
    {
        try
        {
            await call();
            return StoreAnswer.Done;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return Of(e, place, acquiring: false);
        }
    }

    public static async Task<StoreAnswer<T>> OfAsync<T>(BlobPlace place, Func<Task<StoreAnswer<T>>> call, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            var answer = Of(e, place, acquiring: true);
            return new StoreAnswer<T>(answer.Outcome, null, answer.Reason);
        }
    }

    /// <summary>Comparing the code itself would throw where there is none, as with a connection that failed.</summary>
    public static bool Is(RequestFailedException e, BlobErrorCode code) => e.ErrorCode is { } actual && actual == code;

    private static StoreAnswer Of(Exception e, BlobPlace place, bool acquiring) => e switch
    {
        RequestFailedException { Status: 401 or 403 } refused => new StoreAnswer(StoreOutcome.Forbidden, WhatToGrant(refused, place)),
        RequestFailedException failed when Is(failed, BlobErrorCode.ContainerBeingDeleted) =>
            new StoreAnswer(StoreOutcome.Unreachable, "the container is being deleted"),
        // 404, 409, 412: the record is gone, or under another lease. Who acquires has found somebody faster.
        RequestFailedException { Status: 404 or 409 or 412 } taken => acquiring
            ? new StoreAnswer(StoreOutcome.Busy)
            : new StoreAnswer(StoreOutcome.Lost, $"the store says {taken.ErrorCode ?? "it is not ours"} ({taken.Status})"),
        RequestFailedException { Status: 429 or 503 } busy => new StoreAnswer(StoreOutcome.Unreachable, $"the storage asks for patience ({busy.Status} {busy.ErrorCode}{RetryAfter(busy)})"),
        RequestFailedException { Status: > 0 } failed => new StoreAnswer(StoreOutcome.Unreachable, $"the store answered {failed.Status} {failed.ErrorCode}"),
        AuthenticationFailedException => new StoreAnswer(
            StoreOutcome.Forbidden, $"no token for the storage account could be got. Check the app's managed identity or the credential settings of {place.Section}."),
        TypeLoadException or MissingMemberException or FileNotFoundException or FileLoadException or BadImageFormatException => new StoreAnswer(
            StoreOutcome.Forbidden, $"the storage client cannot run here: packages of the app and its host do not fit together ({e.Message})."),
        OperationCanceledException => new StoreAnswer(StoreOutcome.Unreachable, $"no answer in time{place.WhereToLook}"),
        // After retries there is one for each; what is in the way now is what the last one says.
        AggregateException { InnerExceptions: [.., var last] } => Of(last, place, acquiring),
        _ => new StoreAnswer(StoreOutcome.Unreachable, $"it cannot be reached{place.WhereToLook} ({e.GetBaseException().GetType().Name}: {e.GetBaseException().Message})"),
    };

    private static string RetryAfter(RequestFailedException e) =>
        e.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var after) == true && uint.TryParse(after, CultureInfo.InvariantCulture, out var seconds)
            ? $", for {new Pause(TimeSpan.FromSeconds(seconds))}"
            : "";

    private static string WhatToGrant(RequestFailedException e, BlobPlace place) => e.ErrorCode switch
    {
        "AuthorizationPermissionMismatch" => $"the app's identity may not use {place.Location}. Grant it the role \"Storage Blob Data Contributor\" on the container.",
        "AuthenticationFailed" => $"the key or signature in {place.Section} is not accepted. It may have been rotated.",
        "AuthorizationFailure" => $"the storage account refuses this app: its firewall does not allow the app's network, or the key in {place.Section} is wrong.",
        var code => $"the store refuses us ({e.Status} {code}). The app needs to read, write and lease blobs there: role \"Storage Blob Data Contributor\".",
    };
}
