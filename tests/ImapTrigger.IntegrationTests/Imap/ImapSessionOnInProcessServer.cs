using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Imap;

public sealed class ImapSessionOnInProcessServer(InProcessServer server) : ImapSessionContract(server), IClassFixture<InProcessServer>;
