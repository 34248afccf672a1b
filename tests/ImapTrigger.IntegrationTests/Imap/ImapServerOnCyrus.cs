using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Imap;

public sealed class ImapServerOnCyrus(CyrusServer server) : ImapServerContract(server), IClassFixture<CyrusServer>;
