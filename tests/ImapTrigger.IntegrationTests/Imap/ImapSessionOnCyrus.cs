using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Imap;

public sealed class ImapSessionOnCyrus(CyrusServer server) : ImapSessionContract(server), IClassFixture<CyrusServer>;
