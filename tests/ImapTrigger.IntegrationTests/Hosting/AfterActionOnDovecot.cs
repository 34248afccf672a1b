using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Hosting;

public sealed class AfterActionOnDovecot(DovecotServer server) : AfterActionContract(server), IClassFixture<DovecotServer>;
