using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Delivery;

public sealed class UidValidityOnDovecot(DovecotServer server) : UidValidityContract(server), IClassFixture<DovecotServer>;
