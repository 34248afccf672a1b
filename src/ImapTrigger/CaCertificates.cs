using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ImapTrigger;

/// <summary>The certificates of private authorities, from PEM or from a file.</summary>
internal static class CaCertificates
{
    private const string Begin = "-----BEGIN ";

    /// <exception cref="FormatException">There is none; the message says why, as it stands after the name of the setting, and repeats nothing of it.</exception>
    public static X509Certificate2Collection Read(string setting)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            // In an environment variable, lines often end in a backslash and an n.
            if (setting.Contains(Begin, StringComparison.Ordinal))
                certificates.ImportFromPem(setting.Replace("\\n", "\n", StringComparison.Ordinal));
            else
                Import(certificates, File.ReadAllBytes(setting));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new FormatException("names a file that cannot be read; give its full path, or the certificate itself as PEM");
        }
        catch (CryptographicException)
        {
            throw new FormatException("holds no certificate that can be read; it must be PEM (-----BEGIN CERTIFICATE-----) or a file with PEM or DER");
        }

        return certificates.Count > 0 ? certificates : throw new FormatException("holds no certificate; it must be PEM (-----BEGIN CERTIFICATE-----) or a file with PEM or DER");
    }

    private static void Import(X509Certificate2Collection certificates, byte[] file)
    {
        var text = System.Text.Encoding.Latin1.GetString(file);
        if (text.Contains(Begin, StringComparison.Ordinal))
            certificates.ImportFromPem(text);
        else
            certificates.Add(new X509Certificate2(file));
    }
}
