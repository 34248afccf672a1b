using System.Net.Sockets;

namespace ImapTrigger.Imap;

/// <summary>The bare connection, which tells when the first byte has come: within TLS that is long before anything can be read.</summary>
internal sealed class FirstByteStream(Socket socket, Action onFirstByte) : NetworkStream(socket, ownsSocket: true)
{
    private bool _hasHeard;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _hasHeard ? base.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var count = await base.ReadAsync(buffer, cancellationToken);
        if (count > 0 && !_hasHeard)
        {
            _hasHeard = true;
            onFirstByte();
        }

        return count;
    }
}
