using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Corpus;

[Collection(typeof(CorpusCollection))]
public sealed class CorpusOnInProcessServer(InProcessServer server) : CorpusContract(server), IClassFixture<InProcessServer>;
