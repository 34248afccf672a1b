using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Corpus;

[Collection(typeof(ByItself))]
public sealed class CorpusOnDovecot(DovecotServer server) : CorpusContract(server), IClassFixture<DovecotServer>;
