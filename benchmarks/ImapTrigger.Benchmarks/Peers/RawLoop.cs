using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace ImapTrigger.Benchmarks.Peers;

/// <summary>The floor: a socket, one shared buffer's worth of parsing, no object for anything. It finds UIDs and nothing else.</summary>
internal static class RawLoop
{
    public static Task RunAsync(Watch watch) => watch.RunAsync((mailbox, loggedIn, stopping) => new Connection(watch, mailbox).RunAsync(loggedIn, stopping));

    private sealed class Connection(Watch watch, int mailbox)
    {
        private byte[] _buffer = new byte[512];
        private int _from;
        private int _filled;
        private int _count;
        private Stream _stream = Stream.Null;

        public async Task RunAsync(Action loggedIn, CancellationToken stopping)
        {
            using var client = new TcpClient { NoDelay = true };
            await client.ConnectAsync(watch.Host, watch.Port, stopping);
            _stream = client.GetStream();
            if (watch.Tls)
            {
                var tls = new SslStream(_stream);
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
                {
                    TargetHost = watch.Host,
                    RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString(HashAlgorithmName.SHA256) == watch.Fingerprint,
                }, stopping);
                _stream = tls;
            }

            await ReadLineAsync(stopping);
            await SendAsync(string.Create(CultureInfo.InvariantCulture, $"A LOGIN u{mailbox} secret\r\n"), stopping);
            await UntilAsync("A "u8.ToArray(), stopping);
            await SendAsync("A EXAMINE INBOX\r\n", stopping);
            await UntilAsync("A "u8.ToArray(), stopping);
            var seen = (int?)watch.Known ?? _count;
            loggedIn();
            while (true)
            {
                if (_count > seen)
                {
                    await SendAsync(string.Create(CultureInfo.InvariantCulture, $"A UID FETCH {seen + 1}:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)\r\n"), stopping);
                    await UntilAsync("A "u8.ToArray(), stopping);
                    seen = _count;
                }

                await SendAsync("A IDLE\r\n", stopping);
                while (_count <= seen)
                    await ReadLineAsync(stopping);
                await SendAsync("DONE\r\n", stopping);
                await UntilAsync("A "u8.ToArray(), stopping);
            }
        }

        private async Task SendAsync(string text, CancellationToken stopping) => await _stream.WriteAsync(Encoding.ASCII.GetBytes(text), stopping);

        private async ValueTask UntilAsync(byte[] start, CancellationToken stopping)
        {
            while (!await ReadLineAsync(stopping, start))
            {
                // Untagged.
            }
        }

        /// <summary>Returns whether the line starts so.</summary>
        private async ValueTask<bool> ReadLineAsync(CancellationToken stopping, byte[]? start = null)
        {
            for (var searched = _from; ;)
            {
                var end = _buffer.AsSpan(searched, _filled - searched).IndexOf((byte)'\n');
                if (end >= 0)
                {
                    end += searched;
                    var line = _buffer.AsMemory(_from, end - _from);
                    _from = end + 1;
                    Heed(line.Span);
                    return start is not null && line.Span.StartsWith(start);
                }

                if (_from > 0)
                {
                    _buffer.AsSpan(_from, _filled - _from).CopyTo(_buffer);
                    (_filled, _from) = (_filled - _from, 0);
                }

                searched = _filled;
                if (_filled == _buffer.Length)
                    Array.Resize(ref _buffer, Math.Min(65_536, _buffer.Length * 2));
                var read = await _stream.ReadAsync(_buffer.AsMemory(_filled), stopping);
                if (read == 0)
                    throw new IOException("The stub has closed the connection.");
                _filled += read;
            }
        }

        private void Heed(ReadOnlySpan<byte> line)
        {
            if (!line.StartsWith("* "u8) || !System.Buffers.Text.Utf8Parser.TryParse(line[2..], out int number, out var length))
                return;
            var rest = line[(2 + length)..];
            if (rest.StartsWith(" EXISTS"u8))
                _count = number;
            else if (rest.StartsWith(" FETCH (UID "u8) && System.Buffers.Text.Utf8Parser.TryParse(rest[12..], out uint uid, out _))
                watch.Handle(mailbox, uid);
        }
    }
}
