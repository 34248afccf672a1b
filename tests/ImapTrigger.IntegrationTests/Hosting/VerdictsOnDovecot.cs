using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Hosting;

public sealed class VerdictsOnDovecot(DovecotServer server) : VerdictContract(server), IClassFixture<DovecotServer>;
