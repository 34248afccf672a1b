using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Delivery;

public sealed class DeliveryOnCyrusWithConversations(CyrusWithConversations server) : DeliveryContract(server), IClassFixture<CyrusWithConversations>;
