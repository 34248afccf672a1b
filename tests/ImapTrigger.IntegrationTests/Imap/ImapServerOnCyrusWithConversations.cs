using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Imap;

public sealed class ImapServerOnCyrusWithConversations(CyrusWithConversations server) : ImapServerContract(server), IClassFixture<CyrusWithConversations>;
