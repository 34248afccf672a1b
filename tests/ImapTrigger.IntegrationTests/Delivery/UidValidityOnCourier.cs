using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Delivery;

public sealed class UidValidityOnCourier(CourierServer server) : UidValidityContract(server), IClassFixture<CourierServer>;
