using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Imap;

public sealed class ImapServerOnInProcessServer(InProcessServer server) : ImapServerContract(server), IClassFixture<InProcessServer>;
