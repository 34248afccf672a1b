using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Corpus;

[Collection(typeof(ByItself))]
public sealed class CorpusOnInProcessServer(InProcessServer server) : CorpusContract(server), IClassFixture<InProcessServer>;
