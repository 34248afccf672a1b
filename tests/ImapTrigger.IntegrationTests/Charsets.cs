using System.Runtime.CompilerServices;

namespace ImapTrigger.IntegrationTests;

/// <summary>As every program must that uses MimeKit by itself: some of these classes do so before ours have told .NET of old charsets, and MimeKit asks only once.</summary>
internal static class Charsets
{
    [ModuleInitializer]
    public static void Register() => ImapTrigger.Imap.Charsets.Register();
}
