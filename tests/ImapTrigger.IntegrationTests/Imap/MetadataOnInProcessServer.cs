using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Imap;

public sealed class MetadataOnInProcessServer(InProcessServer server) : MetadataContract(server), IClassFixture<InProcessServer>;
