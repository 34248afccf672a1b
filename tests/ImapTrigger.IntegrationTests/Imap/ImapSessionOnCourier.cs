using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Imap;

public sealed class ImapSessionOnCourier(CourierServer server) : ImapSessionContract(server), IClassFixture<CourierServer>;
