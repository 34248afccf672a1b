using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Delivery;

public sealed class FolderOnCyrus(CyrusServer server) : FolderContract(server), IClassFixture<CyrusServer>;
