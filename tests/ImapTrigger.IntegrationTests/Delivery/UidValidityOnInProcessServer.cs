using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Delivery;

public sealed class UidValidityOnInProcessServer(InProcessServer server) : UidValidityContract(server), IClassFixture<InProcessServer>;
