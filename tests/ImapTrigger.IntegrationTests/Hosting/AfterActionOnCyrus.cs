using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Hosting;

public sealed class AfterActionOnCyrus(CyrusServer server) : AfterActionContract(server), IClassFixture<CyrusServer>;
