using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Hosting;

public sealed class AfterActionOnCourier(CourierServer server) : AfterActionContract(server), IClassFixture<CourierServer>;
