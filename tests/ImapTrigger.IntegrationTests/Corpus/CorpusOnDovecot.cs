using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Corpus;

[Collection(typeof(CorpusCollection))]
public sealed class CorpusOnDovecot(DovecotServer server) : CorpusContract(server), IClassFixture<DovecotServer>;
