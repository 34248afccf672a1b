using System.Globalization;
using System.Text.Json;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ImapTrigger.IntegrationTests.Mailboxes;

/// <summary>A host that watches many mailboxes of an in-process server, its state on the local disk; what a run has shown is printed as JSON.</summary>
internal sealed class ManyMailboxes : IAsyncDisposable
{
    private readonly ImapTestServer _server = ImapTestServer.Start();
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-many-");
    private readonly ListedMailboxes _source = new();
    private readonly ImapTestFolder[] _inboxes;
    private FunctionApp? _app;

    public ManyMailboxes(int count)
    {
        Names = [.. Enumerable.Range(0, count).Select(i => $"u{i}")];
        _inboxes = [.. Names.Select(name => _server.AddAccount(name, "p").Inbox)];
    }

    public string[] Names { get; }

    public Inbox<ImapEvent> Inbox { get; } = new();

    public FunctionApp App => _app!;

    public int Sent { get; private set; }

    /// <summary>A number of a run's length, from the environment; the default is for every day.</summary>
    public static int Setting(string name, int usual) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var set) ? set : usual;

    public async Task StartAsync()
    {
        Say(Names.Length, _ => null);
        _app = await FunctionApp.StartAsync(
            typeof(Functions), Inbox, [new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName)], services: services => services.AddSingleton<IImapMailboxSource>(_source));
        await _app.Logs.WaitForAsync(300, Names.Length, TimeSpan.FromMinutes(5));
    }

    /// <summary>The list is now of those that have no reason to be left out.</summary>
    public void Say(int count, Func<int, string?> tag, Func<int, bool>? isOut = null) => _source.Say(Enumerable.Range(0, count).Where(i => isOut?.Invoke(i) != true).Select(i => new ImapMailbox
    {
        Account = new ImapAccount { Host = _server.Host, Port = _server.Port, Security = ImapSecurity.None, UserName = Names[i], Password = "p" },
        Tag = tag(i),
    }));

    public void Deliver(int mailbox)
    {
        _inboxes[mailbox].AppendAll([OddMessages.Plain($"n{Sent}")]);
        Sent++;
    }

    /// <summary>How often each mailbox was opened.</summary>
    public Dictionary<string, int> Sessions() => _server.Commands.Where(command => command.UserName is not null && command.Text.StartsWith("EXAMINE", StringComparison.Ordinal))
        .GroupBy(command => command.UserName!).ToDictionary(same => same.Key, same => same.Count());

    public static void Print(object figures) => TestContext.Current.TestOutputHelper?.WriteLine(JsonSerializer.Serialize(figures));

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        await _server.DisposeAsync();
        _state.Delete(recursive: true);
    }

    private sealed class Functions(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger(Connection = "Customers")] ImapEvent mail) => inbox.Add(mail);
    }
}
