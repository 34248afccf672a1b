using System.Globalization;
using System.Text;

namespace ImapTrigger;

internal static class DomainNames
{
    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    /// <summary>In the letters of the DNS (RFC 5891), so that both ways to write an international name are the same; what is none stays as it is.</summary>
    public static string ToAscii(string name)
    {
        if (Ascii.IsValid(name))
            return name;
        try
        {
            return Idn.GetAscii(name);
        }
        catch (ArgumentException)
        {
            return name;
        }
    }
}
