using Azure;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ImapTrigger.Connections;

/// <summary>A blob that holds settings, read again only when it has changed.</summary>
internal sealed class SettingsBlob(BlobClient blob)
{
    /// <summary>Some 50,000 mailboxes. What is larger is not read.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    private ETag? _read;

    /// <summary>Where it lies, without a signature.</summary>
    public string Location => blob.Uri.GetLeftPart(UriPartial.Path);

    /// <summary>What it holds; null when that is what was read last.</summary>
    /// <exception cref="InvalidOperationException">It cannot be read; the message says why, and what to do.</exception>
    public async Task<byte[]?> ReadIfChangedAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = (await blob.DownloadStreamingAsync(new BlobDownloadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = _read } }, cancellationToken)).Value;
            if (answer.Details.ContentLength > MaxBytes)
                throw new InvalidOperationException($"it has {answer.Details.ContentLength:N0} bytes, and at most {MaxBytes:N0} are read.");
            var content = new byte[answer.Details.ContentLength];
            await answer.Content.ReadExactlyAsync(content, cancellationToken);
            _read = answer.Details.ETag;
            return content;
        }
        catch (RequestFailedException e) when (e.Status == 304)
        {
            return null;
        }
        catch (Exception e) when (e is not (InvalidOperationException or OperationCanceledException) || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new InvalidOperationException(WhyNot(e), e);
        }
    }

    private static string WhyNot(Exception e) => e switch
    {
        RequestFailedException { Status: 404 } missing => $"there is no such blob ({missing.ErrorCode}).",
        RequestFailedException { Status: 401 or 403 } refused => $"the storage refuses us ({refused.Status} {refused.ErrorCode}). The app needs to read it: role \"Storage Blob Data Reader\".",
        RequestFailedException { Status: > 0 } failed => $"the storage answered {failed.Status} {failed.ErrorCode}.",
        AuthenticationFailedException => "no token for the storage account could be got. Check the app's managed identity.",
        OperationCanceledException => "the storage did not answer in time.",
        AggregateException { InnerExceptions: [.., var last] } => WhyNot(last),
        _ => $"the storage cannot be reached ({e.GetBaseException().GetType().Name}: {e.GetBaseException().Message}).",
    };
}
