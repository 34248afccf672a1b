using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace ImapTrigger.Ownership.Blobs;

/// <summary>
/// The record of one partition while it is ours, in its blob: a segment is a block. A write stages one block and commits the list, both under the lease id; a small record
/// is one request. What is not known to be committed is never built upon.
/// </summary>
internal sealed class BlobRecord(BlockBlobClient blob, Guid leaseId)
{
    private static readonly BlobHttpHeaders Headers = new() { ContentType = "application/x-ndjson" };
    private readonly BlobRequestConditions _holding = new() { LeaseId = leaseId.ToString() };
    // Blocks that nobody has committed are found by their id, too: ours are our own.
    private readonly long _first = BinaryPrimitives.ReadInt64BigEndian(RandomNumberGenerator.GetBytes(sizeof(long)));
    private RecordSegments _segments = RecordSegments.Unknown;
    private ImmutableList<string> _blocks = [];
    private long _writes;

    public Guid LeaseId => leaseId;

    public async Task WriteAsync(PartitionState state, IDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _writes);
        var write = _segments.Next(state);
        var blocks = _blocks.RemoveRange(write.Kept, _blocks.Count - write.Kept);
        // Until it is acknowledged.
        (_segments, _blocks) = (RecordSegments.Unknown, []);
        using var text = new MemoryStream(write.Text);
        if (write is { Kept: 0, Text.Length: <= RecordSegments.Small })
        {
            await blob.UploadAsync(text, new BlobUploadOptions { Conditions = _holding, HttpHeaders = Headers, Metadata = metadata }, cancellationToken);
        }
        else
        {
            blocks = blocks.Add(BlockOf(number));
            await blob.StageBlockAsync(blocks[^1], text, new BlockBlobStageBlockOptions { Conditions = _holding }, cancellationToken);
            await blob.CommitBlockListAsync(blocks, new CommitBlockListOptions { Conditions = _holding, HttpHeaders = Headers, Metadata = metadata }, cancellationToken);
        }

        // One that was given up and ends late knows nothing about what came after it.
        if (number == Interlocked.Read(ref _writes))
            (_segments, _blocks) = (write.After, blocks);
    }

    /// <summary>Of one length, as the service wants them.</summary>
    private string BlockOf(long number)
    {
        Span<byte> id = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(id, unchecked(_first + number));
        return Convert.ToBase64String(id);
    }
}
