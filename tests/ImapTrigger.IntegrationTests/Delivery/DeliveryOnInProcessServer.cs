using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Delivery;

public sealed class DeliveryOnInProcessServer(InProcessServer server) : DeliveryContract(server), IClassFixture<InProcessServer>;
