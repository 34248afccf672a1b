using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Delivery;

public sealed class DeliveryOnDovecot(DovecotServer server) : DeliveryContract(server), IClassFixture<DovecotServer>;
