using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Delivery;

public sealed class FolderOnCyrusWithConversations(CyrusWithConversations server) : FolderContract(server), IClassFixture<CyrusWithConversations>;
