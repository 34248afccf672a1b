using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Delivery;

public sealed class FolderOnInProcessServer(InProcessServer server) : FolderContract(server), IClassFixture<InProcessServer>;
