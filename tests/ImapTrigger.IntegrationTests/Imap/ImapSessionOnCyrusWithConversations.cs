using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Imap;

public sealed class ImapSessionOnCyrusWithConversations(CyrusWithConversations server) : ImapSessionContract(server), IClassFixture<CyrusWithConversations>;
