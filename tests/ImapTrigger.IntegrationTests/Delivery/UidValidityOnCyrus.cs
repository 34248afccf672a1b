using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Delivery;

public sealed class UidValidityOnCyrus(CyrusServer server) : UidValidityContract(server), IClassFixture<CyrusServer>;
