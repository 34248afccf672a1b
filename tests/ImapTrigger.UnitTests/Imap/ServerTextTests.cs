using System.Net;
using System.Text;
using System.Text.Json;
using ImapTrigger.Imap;

namespace ImapTrigger.UnitTests.Imap;

/// <summary>What is told of what a server says: without the account's secrets, in whatever form it repeats them, and without what deceives.</summary>
public sealed class ServerTextTests
{
    private const string Password = "p\"4\\ss<wörd>%&+7";
    private static readonly string Token = "ya29." + string.Concat(Enumerable.Range(0, 300).Select(i => (char)('a' + (i * 7 % 26))));

    public static TheoryData<string> Echoes => new(
        $"BAD Unknown command: A01 LOGIN ann {Password}",
        $"A01 LOGIN \"ann\" \"{Password.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"",
        Password,
        $"[{Password.ToUpperInvariant()}] not understood",
        $"imaps://ann:{Uri.EscapeDataString(Password)}@mail.example.org",
        $"{WebUtility.HtmlEncode(Password)} is wrong",
        JsonSerializer.Serialize(new { password = Password }),
        Encoding.Latin1.GetString(Encoding.UTF8.GetBytes($"wrong: {Password}")),
        $"AUTHENTICATE PLAIN {Base64($"\0ann\0{Password}")}",
        $"AUTHENTICATE PLAIN {Base64($"ann\0ann\0{Password}")}",
        $"AUTHENTICATE PLAIN {Base64($"admin\0ann\0{Password}")}",
        $"+ {Base64(Password)}",
        $"cut: {Base64($"\0ann\0{Password}")[..^3]}",
        $"url: {Base64($"\0ann\0{Password}").Replace('+', '-').Replace('/', '_')}",
        $"AUTHENTICATE XOAUTH2 {Base64($"user=ann\u0001auth=Bearer {Token}\u0001\u0001")}",
        $"AUTHENTICATE OAUTHBEARER {Base64($"n,a=ann,\u0001host=mail.example.org\u0001port=993\u0001auth=Bearer {Token}\u0001\u0001")}",
        $"cut: {Base64($"user=ann\u0001auth=Bearer {Token}\u0001\u0001")[..120]}",
        $"Bearer {Token} is not valid",
        $"Bearer {Token[..40]}... is not valid",
        $"Bearer ...{Token[100..150]} is not valid");

    [Theory]
    [MemberData(nameof(Echoes))]
    public void A_secret_that_the_server_repeats_is_not_told(string text)
    {
        var said = Said();
        foreach (var told in new[] { said.Clean(text, 4096), said.Clean(new Exception(text)).ToString(), said.Clean(new AggregateException(new IOException("outer", new Exception(text)))).ToString() })
        {
            Assert.Contains("***", told, StringComparison.Ordinal);
            foreach (var secret in new[] { Password, Token })
            {
                Assert.DoesNotContain(secret, told, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain(secret[..12], told, StringComparison.OrdinalIgnoreCase);
            }

            Assert.DoesNotContain(told.Split(' ', '\r', '\n'), word => word.Length > 20 && IsBase64(word));
        }
    }

    [Fact]
    public void What_is_cut_shows_no_part_of_a_secret_at_its_end()
    {
        for (var length = 280; length <= 300; length++)
            Assert.DoesNotContain(Password[..4], Said().Clean(new string('x', length) + Password, 300), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Invalid credentials (Failure)")]
    [InlineData("[ALERT] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 d2e1a72fcca58-7a1b2c3d4e5mb1234567a12.34")]
    public void What_holds_no_secret_stays(string text)
    {
        Assert.Equal(text, Said().Clean(text, 300));
        var e = new IOException(text, new IOException(text));
        Assert.Same(e, Said().Clean(e));
    }

    /// <summary>As in a message's own texts: ends of lines, escape sequences, C1, and what turns the direction.</summary>
    [Theory]
    [InlineData('\r')]
    [InlineData('\n')]
    [InlineData('\u001B')]
    [InlineData('\0')]
    [InlineData('\u007F')]
    [InlineData('\u0085')]
    [InlineData('\u009B')]
    [InlineData('\u061C')]
    [InlineData('\u200E')]
    [InlineData('\u200F')]
    [InlineData('\u2028')]
    [InlineData('\u2029')]
    [InlineData('\u202A')]
    [InlineData('\u202E')]
    [InlineData('\u2066')]
    [InlineData('\u2069')]
    public void What_deceives_becomes_a_space_in_exceptions_too(char c)
    {
        Assert.Equal("a b", Said().Clean($"a{c}b", 300));
        var told = Said().Clean(new InvalidOperationException("outer", new FormatException($"a{c}b"))).ToString();
        Assert.Contains("System.InvalidOperationException: outer ---> System.FormatException: a b", told, StringComparison.Ordinal);
        Assert.Equal("a b", Said().Clean(new FormatException($"a{c}b")).GetBaseException().Message);
    }

    [Fact]
    public void A_cleaned_exception_keeps_its_trace()
    {
        try
        {
            throw new IOException(Password);
        }
        catch (IOException e)
        {
            Assert.Contains(nameof(A_cleaned_exception_keeps_its_trace), Said().Clean(e).ToString(), StringComparison.Ordinal);
        }
    }

    private static ServerText Said()
    {
        var said = new ServerText(new ImapAccount { Host = "mail.example.org", UserName = "ann", Password = Password });
        said.Hide(Token);
        return said;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static bool IsBase64(string word) => word.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '=' or '-' or '_');
}
