namespace ImapTrigger.IntegrationTests.Corpus;

/// <summary>Not beside others, some of whom measure memory and time.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class CorpusCollection;
