using ImapTrigger.Worker;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

[assembly: WorkerExtensionStartup(typeof(ImapIdleWorkerStartup))]

namespace ImapTrigger.Worker;

/// <summary>How the worker finds the package at its start; nobody else needs it.</summary>
public sealed class ImapIdleWorkerStartup : WorkerExtensionStartup
{
    /// <summary>Has the functions' parameters checked before the worker takes its first call.</summary>
    /// <param name="applicationBuilder">The worker's builder.</param>
    public override void Configure(IFunctionsWorkerApplicationBuilder applicationBuilder)
    {
        ArgumentNullException.ThrowIfNull(applicationBuilder);
        applicationBuilder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, ParameterCheck>());
    }
}
