using System.Buffers;
using System.Globalization;
using System.Text;

namespace ImapTrigger.Testing.Protocol;

/// <summary>Bytes of an answer under construction.</summary>
internal sealed class Response
{
    private const int MaxQuoted = 1000;
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public int Length => _bytes.WrittenCount;

    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    public Response Add(string text)
    {
        Encoding.Latin1.GetBytes(text, _bytes);
        return this;
    }

    public Response Add(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public Response Line(string text) => Add(text).Add("\r\n");

    /// <summary>A string or NIL: quoted where that is allowed and short, else a literal (RFC 9051, 4.3).</summary>
    public Response NString(byte[]? value)
    {
        if (value is null)
            return Add("NIL");
        if (value.Length > MaxQuoted || value.Any(b => b is < 0x20 or > 0x7E or (byte)'"' or (byte)'\\'))
            return Literal(value);
        return Add("\"").Add(value).Add("\"");
    }

    public Response NString(string? value) => NString(value is null ? null : Encoding.UTF8.GetBytes(value));

    public Response Literal(ReadOnlySpan<byte> value) =>
        Add(string.Create(CultureInfo.InvariantCulture, $"{{{value.Length}}}\r\n")).Add(value);
}
