namespace ImapTrigger.IntegrationTests;

/// <summary>What measures the process, or needs all of it: no other test runs beside it.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class ByItself;
