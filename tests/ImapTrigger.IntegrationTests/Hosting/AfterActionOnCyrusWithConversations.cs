using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Hosting;

public sealed class AfterActionOnCyrusWithConversations(CyrusWithConversations server) : AfterActionContract(server), IClassFixture<CyrusWithConversations>;
