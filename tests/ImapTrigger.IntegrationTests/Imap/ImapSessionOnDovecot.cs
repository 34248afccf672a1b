using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Imap;

public sealed class ImapSessionOnDovecot(DovecotServer server) : ImapSessionContract(server), IClassFixture<DovecotServer>;
