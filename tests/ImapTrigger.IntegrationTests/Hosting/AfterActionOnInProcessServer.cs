using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Hosting;

public sealed class AfterActionOnInProcessServer(InProcessServer server) : AfterActionContract(server), IClassFixture<InProcessServer>;
