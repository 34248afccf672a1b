using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ImapTrigger.Testing.Protocol;

/// <summary>
/// Bytes from and to one client: lines, literals, TLS. Everything that is sent passes <see cref="WriteAsync"/>, everything received
/// <see cref="FillAsync"/>: faults on the wire have their place there.
/// </summary>
internal sealed class ImapWire(Stream stream, ImapTestFaults faults) : IAsyncDisposable
{
    private const int MaxLine = 64 * 1024;
    private const int MaxLiteral = 64 * 1024 * 1024;

    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly Stream _socket = stream;
    private Stream _stream = stream;
    private readonly SemaphoreSlim _sending = new(1);
    private volatile bool _frozen;
    private int _from;
    private int _to;

    /// <summary>Goes over to TLS; what the client sent before is dropped, so that nobody can slip in commands (CVE-2011-0411).</summary>
    public async Task StartTlsAsync(X509Certificate2 certificate, CancellationToken cancellationToken)
    {
        _from = _to = 0;
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = tls;
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, cancellationToken);
    }

    /// <summary>After so many bytes more the connection breaks; null for a sound one.</summary>
    public int? CutAfter { get; set; }

    /// <summary>From here on nothing is sent and nothing is read, and the connection stays.</summary>
    public void Freeze() => _frozen = true;

    /// <summary>Ends the connection without a word.</summary>
    public void Close() => _socket.Dispose();

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_frozen)
            await Task.Delay(Timeout.Infinite, cancellationToken);
        // One at a time: a fault may speak beside the commands.
        await _sending.WaitAsync(cancellationToken);
        try
        {
            var whole = CutAfter is not { } left || left > bytes.Length;
            await WriteAsync(whole ? bytes : bytes[..CutAfter!.Value], cancellationToken);
            CutAfter -= bytes.Length;
            if (!whole)
                throw new IOException("Cut on demand.");
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Sends a whole stream, piece by piece.</summary>
    public async Task SendAsync(Stream answer, CancellationToken cancellationToken)
    {
        var piece = new byte[16 * 1024];
        for (int read; (read = await answer.ReadAsync(piece, cancellationToken)) > 0;)
            await SendAsync(piece.AsMemory(0, read), cancellationToken);
    }

    /// <summary>Reads a line, without its end; null when the client has gone.</summary>
    /// <exception cref="BadCommandException">It is too long; the rest of it has been skipped.</exception>
    public async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        var tooLong = false;
        while (true)
        {
            if (_from == _to && !await FillAsync(cancellationToken))
                return null;
            var end = Array.IndexOf(_buffer, (byte)'\n', _from, _to - _from);
            var length = (end < 0 ? _to : end) - _from;
            tooLong |= line.Length + length > MaxLine;
            if (!tooLong)
                line.Append(Encoding.Latin1.GetString(_buffer, _from, length));
            _from += length;
            if (end < 0)
                continue;
            _from++;
            if (tooLong)
                throw new BadCommandException($"A line may have {MaxLine} bytes");
            return line.ToString().TrimEnd('\r');
        }
    }

    /// <summary>Reads a command to its end, asking for its literals (RFC 9051, 4.3); null when the client has gone.</summary>
    public async Task<CommandText?> ReadCommandAsync(CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        var literals = new List<byte[]>();
        while (true)
        {
            if (await ReadLineAsync(cancellationToken) is not { } line)
                return null;
            lines.Add(line);
            if (LiteralAtEnd(line) is not { } literal)
                return new CommandText(lines, literals);
            if (literal.Length > MaxLiteral)
                throw new BadCommandException($"A literal may have {MaxLiteral} bytes");
            if (!literal.Eager)
                await SendAsync("+ Go ahead\r\n"u8.ToArray(), cancellationToken);
            var bytes = new byte[literal.Length];
            for (var read = 0; read < bytes.Length;)
            {
                if (_from == _to && !await FillAsync(cancellationToken))
                    return null;
                var part = Math.Min(bytes.Length - read, _to - _from);
                Array.Copy(_buffer, _from, bytes, read, part);
                _from += part;
                read += part;
            }

            literals.Add(bytes);
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (faults.Drip == TimeSpan.Zero)
        {
            await _stream.WriteAsync(bytes, cancellationToken);
            await _stream.FlushAsync(cancellationToken);
            return;
        }

        for (var i = 0; i < bytes.Length; i++)
        {
            await _stream.WriteAsync(bytes.Slice(i, 1), cancellationToken);
            await _stream.FlushAsync(cancellationToken);
            await Task.Delay(faults.Drip, cancellationToken);
        }
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        _from = 0;
        _to = await _stream.ReadAsync(_buffer, cancellationToken);
        if (_frozen)
            await Task.Delay(Timeout.Infinite, cancellationToken);
        return _to > 0;
    }

    private static (int Length, bool Eager)? LiteralAtEnd(string line)
    {
        var open = line.LastIndexOf('{');
        if (open < 0 || !line.EndsWith('}'))
            return null;
        var digits = line[(open + 1)..^1];
        var eager = digits.EndsWith('+');
        return int.TryParse(eager ? digits[..^1] : digits, NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? (length, eager) : null;
    }
}
