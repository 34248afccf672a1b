namespace ImapTrigger.Testing;
internal static class X;
