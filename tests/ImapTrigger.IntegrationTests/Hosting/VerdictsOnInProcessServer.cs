using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Hosting;

public sealed class VerdictsOnInProcessServer(InProcessServer server) : VerdictContract(server), IClassFixture<InProcessServer>;
