using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Delivery;

public sealed class FolderOnDovecot(DovecotServer server) : FolderContract(server), IClassFixture<DovecotServer>;
