using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Delivery;

public sealed class UidValidityOnCyrusWithConversations(CyrusWithConversations server) : UidValidityContract(server), IClassFixture<CyrusWithConversations>;
