using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Corpus;

public sealed class CorpusOnInProcessServer(InProcessServer server) : CorpusContract(server), IClassFixture<InProcessServer>;
