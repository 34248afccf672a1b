using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Delivery;

public sealed class FolderOnCourier(CourierServer server) : FolderContract(server), IClassFixture<CourierServer>;
