using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Corpus;

public sealed class CorpusOnDovecot(DovecotServer server) : CorpusContract(server), IClassFixture<DovecotServer>;
