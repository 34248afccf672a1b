using System.Text;

namespace ImapTrigger.UnitTests;

public sealed class WholeMessageTests
{
    [Theory]
    [InlineData("Content-Type: text/plain", ";\r\n name*{0}=x", 1_000_000)]
    [InlineData("Subject: m\r\ncontent-disposition: attachment", "; p{0}*0=x", 1_000_000)]
    [InlineData("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nCONTENT-TYPE: text/plain", ";\n\tp{0}=x", 1_000_000)]
    public void A_field_that_would_take_hours_is_no_field(string begin, string more, int times)
    {
        var raw = Encoding.ASCII.GetBytes($"From: ann@example.org\r\n{begin}{string.Concat(Enumerable.Range(0, times).Select(i => more.Replace("{0}", $"{i}", StringComparison.Ordinal)))}\r\n\r\nx\r\n");
        var error = Assert.Throws<FormatException>(() => WholeMessage.Parse(raw, 7));
        Assert.Equal($"Message 7 cannot be read as a message (RFC 5322): it has a Content- field of more than 131072 bytes. Its {raw.Length} bytes can be had as they are: byte[], Stream or BinaryData.", error.Message);
    }

    [Fact]
    public void Long_fields_of_other_names_and_long_bodies_are_read()
    {
        var recipients = string.Join(",\r\n ", Enumerable.Range(0, 10_000).Select(i => $"r{i}@example.org"));
        var raw = Encoding.ASCII.GetBytes($"To: {recipients}\r\nSubject: m\r\n\r\n{string.Concat(Enumerable.Repeat("  indented\r\n", 100_000))}");
        Assert.Equal(10_000, WholeMessage.Parse(raw, 7).To.Count);
    }

    /// <summary>On a thread of 256 KB, as some hosts have.</summary>
    [Theory]
    [InlineData("Content-Type: multipart/mixed; boundary=b{0}e\r\n\r\n--b{0}e\r\n")]
    [InlineData("Content-Type: message/rfc822\r\n\r\n")]
    public void Depth_costs_no_stack(string level)
    {
        var raw = Encoding.ASCII.GetBytes("Subject: deep\r\n" + string.Concat(Enumerable.Range(0, 3_000).Select(i => level.Replace("{0}", $"{i}", StringComparison.Ordinal))) + "\r\nx\r\n");
        string? subject = null;
        var thread = new Thread(() => subject = WholeMessage.Parse(raw, 7).Subject, 256 * 1024);
        thread.Start();
        thread.Join();
        Assert.Equal("deep", subject);
    }
}
