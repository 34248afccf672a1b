using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Delivery;

public sealed class DeliveryOnCourier(CourierServer server) : DeliveryContract(server), IClassFixture<CourierServer>;
