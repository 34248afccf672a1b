namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>A message as a mail program keeps it to put it back.</summary>
internal sealed record SavedMessage(byte[] Raw, DateTimeOffset InternalDate);
