using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Delivery;

public sealed class DeliveryOnCyrus(CyrusServer server) : DeliveryContract(server), IClassFixture<CyrusServer>;
