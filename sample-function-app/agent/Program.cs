using Agent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// One message after the other, and a program that fails is asked three times at most: then the message is put aside.
await new HostBuilder()
    .ConfigureAppConfiguration(configuration => configuration.AddJsonFile("appsettings.json", optional: true).AddEnvironmentVariables())
    .ConfigureWebJobs(webJobs => webJobs.AddImapIdle(options => options.MaxAttempts = 3))
    .ConfigureServices(services => services.AddSingleton<Answering>().AddSingleton<Mailbox>())
    .ConfigureLogging(logging => logging.AddConsole())
    .RunConsoleAsync();
