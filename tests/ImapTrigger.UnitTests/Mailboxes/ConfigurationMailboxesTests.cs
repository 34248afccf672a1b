using System.Threading.Channels;
using ImapTrigger.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Mailboxes;

/// <summary>App settings that are reloaded while the app runs.</summary>
public sealed class ConfigurationMailboxesTests : ILoggerFactory
{
    private readonly FakeTimeProvider _time = new();
    private readonly LogLines _log = new();
    private readonly Dictionary<string, string?> _settings = new() { ["Imap:host"] = "h", ["Imap:password"] = "p", ["Imap:mailboxes:0:userName"] = "ann", ["Imap:mailboxes:1:userName"] = "bob" };
    private readonly Channel<string> _lists = Channel.CreateUnbounded<string>();
    private readonly IConfigurationRoot _configuration;
    private readonly MutableSource _source;

    public ConfigurationMailboxesTests()
    {
        _source = new MutableSource(_settings);
        _configuration = new ConfigurationBuilder().Add(_source).Build();
    }

    [Fact]
    public async Task A_reload_gives_the_list_anew()
    {
        await using var reading = Read();
        Assert.Equal("ann,bob", await NextAsync());
        Reload("Imap:mailboxes:2:userName", "cy");
        Assert.Equal("ann,bob,cy", await NextAsync());
        Reload("Imap:mailboxes:0:userName", null);
        Assert.Equal("bob,cy", await NextAsync());
    }

    [Fact]
    public async Task A_reload_that_is_broken_is_told_once_and_the_last_list_stays()
    {
        await using var reading = Read();
        await NextAsync();
        Reload("Imap:hots", "h");
        await _time.PassUntilAsync(() => _log.CountOf(102) == 1);
        Reload("Imap:other", "x");
        Reload("Imap:hots", null);
        Reload("Imap:other", null);
        Assert.Equal("ann,bob", await NextAsync());
        Assert.Contains("'Imap__hots' is not known", _log.All.First(line => line.EventId == 102).Text, StringComparison.Ordinal);
    }

    /// <summary>A file that cannot be read for a moment leaves nothing of its settings.</summary>
    [Fact]
    public async Task Settings_that_have_gone_altogether_empty_no_list()
    {
        await using var reading = Read();
        await NextAsync();
        var before = _settings.ToArray();
        _settings.Clear();
        Reload("Other", "x");
        await _time.PassUntilAsync(() => _log.CountOf(102) == 1);
        foreach (var (key, value) in before)
            _settings[key] = value;
        Reload("Other", null);
        Assert.Equal("ann,bob", await NextAsync());
    }

    [Fact]
    public async Task One_that_is_wrong_is_left_out_and_told_once_until_it_is_right_and_wrong_again()
    {
        await using var reading = Read();
        await NextAsync();
        foreach (var (port, list) in new[] { ("0", "bob"), ("0", "bob"), ("143", "ann,bob"), ("0", "bob") })
        {
            Reload("Imap:mailboxes:0:port", port);
            Assert.Equal(list, await NextAsync());
        }

        Assert.Equal(2, _log.CountOf(103));
    }

    [Fact]
    public void At_the_start_one_right_mailbox_is_enough_and_none_is_not()
    {
        _settings["Imap:mailboxes:0:port"] = "0";
        _configuration.Reload();
        Assert.Equal("bob", Assert.Single(Sets.Of(_configuration).Find("Imap", "OnMail").Known).Account.UserName);
        _settings["Imap:mailboxes:1:port"] = "x";
        _configuration.Reload();
        Assert.Equal(2, Assert.Throws<SettingsException>(() => Sets.Of(_configuration).Find("Imap", "OnMail")).Mistakes.Count);
    }

    void ILoggerFactory.AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    ILogger ILoggerFactory.CreateLogger(string categoryName) => _log;

    void IDisposable.Dispose()
    {
    }

    private void Reload(string key, string? value)
    {
        if (value is null)
            _settings.Remove(key);
        else
            _settings[key] = value;
        _configuration.Reload();
    }

    private async Task<string> NextAsync()
    {
        await _time.PassUntilAsync(() => _lists.Reader.TryPeek(out _));
        return await _lists.Reader.ReadAsync(TestContext.Current.CancellationToken);
    }

    private Reading Read() => new(Sets.Of(_configuration, time: _time, loggers: this).Find("Imap", "OnMail").Source, _lists.Writer);

    private sealed class Reading : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stopping = new();
        private readonly Task _running;

        public Reading(IImapMailboxSource source, ChannelWriter<string> lists) => _running = RunAsync(source, lists);

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
            _stopping.Dispose();
        }

        private async Task RunAsync(IImapMailboxSource source, ChannelWriter<string> lists)
        {
            await foreach (var list in source.ReadAsync(_stopping.Token))
                lists.TryWrite(string.Join(',', list.Select(mailbox => mailbox.Account.UserName)));
        }
    }

    private sealed class MutableSource(Dictionary<string, string?> settings) : ConfigurationProvider, IConfigurationSource
    {
        public override void Load()
        {
            Data = new Dictionary<string, string?>(settings, StringComparer.OrdinalIgnoreCase);
            OnReload();
        }

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;
    }
}
