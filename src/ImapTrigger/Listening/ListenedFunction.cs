using ImapTrigger.Ownership;
using Microsoft.Azure.WebJobs.Host.Executors;

namespace ImapTrigger.Listening;

/// <summary>A function that waits for mail, as the host gives it.</summary>
/// <param name="Name">For people.</param>
/// <param name="Trigger">What its attribute says.</param>
/// <param name="Executor">Runs it.</param>
/// <param name="State">Where its state lies.</param>
internal sealed record ListenedFunction(string Name, TriggerSettings Trigger, ITriggeredFunctionExecutor Executor, FunctionState State);
