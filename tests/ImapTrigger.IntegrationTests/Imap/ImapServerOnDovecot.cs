using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Imap;

public sealed class ImapServerOnDovecot(DovecotServer server) : ImapServerContract(server), IClassFixture<DovecotServer>;
