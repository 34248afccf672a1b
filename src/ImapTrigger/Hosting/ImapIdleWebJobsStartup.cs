using ImapTrigger.Hosting;
using Microsoft.Azure.WebJobs;
using Microsoft.Azure.WebJobs.Hosting;
using Microsoft.Extensions.Hosting;

[assembly: WebJobsStartup(typeof(ImapIdleWebJobsStartup), "ImapIdle")]

namespace ImapTrigger.Hosting;

/// <summary>How the Functions host finds the extension; nobody else needs it.</summary>
public sealed class ImapIdleWebJobsStartup : IWebJobsStartup
{
    /// <summary>Adds the trigger.</summary>
    /// <param name="builder">The host's builder.</param>
    public void Configure(IWebJobsBuilder builder) => builder.AddImapIdle();
}
