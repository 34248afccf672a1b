namespace ImapTrigger;
internal static class X;
