using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Imap;

public sealed class ImapServerOnCourier(CourierServer server) : ImapServerContract(server), IClassFixture<CourierServer>;
