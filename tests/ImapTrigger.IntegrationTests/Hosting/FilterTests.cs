using System.Diagnostics.Metrics;
using System.Globalization;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.Supervision;
using ImapTrigger.Testing;
using Microsoft.Azure.WebJobs;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>A function with a filter, in a host: what does not pass is settled without a call, and nothing waits for it.</summary>
public sealed class FilterTests : IAsyncDisposable
{
    private static readonly Backoff Quick = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1));
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");
    private readonly ImapTestServer _server = ImapTestServer.Start();
    private readonly ImapTestAccount _account;

    public FilterTests()
    {
        _account = _server.AddAccount("ann", "secret");
        _account.AddFolder("Done");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_does_not_pass_is_settled_without_a_call_and_the_next_one_comes_also_after_a_restart()
    {
        using var counted = new Count();
        var inbox = new Inbox<ImapEvent>();
        await using (var app = await StartAsync(typeof(Wanted), inbox))
        {
            _account.Inbox.AppendAll([OddMessages.Plain("noise 1"), OddMessages.Plain("order 1"), OddMessages.Plain("noise 2"), OddMessages.Plain("order 2")]);
            Assert.Equal(["order 1", "order 2"], (await inbox.WaitForAsync(2)).Select(mail => mail.Subject));
            await app.Logs.WaitForAsync(420, times: 2);
            await app.Logs.WaitForAsync(408, times: 2);
        }

        // While nobody watches; the first one of all is not in the function's way either.
        _account.Inbox.AppendAll([OddMessages.Plain("noise 3"), OddMessages.Plain("order 3"), OddMessages.Plain("noise 4")]);
        await using var again = await StartAsync(typeof(Wanted), inbox);
        await inbox.WaitForAsync(3);
        await again.Logs.WaitForAsync(420, times: 2);
        _account.Inbox.Append(OddMessages.Plain("order 4"));
        Assert.Equal(["order 1", "order 2", "order 3", "order 4"], (await inbox.WaitForAsync(4)).Select(mail => mail.Subject));
        await again.Logs.WaitForAsync(408, times: 2);
        Assert.Equal(2, again.Logs.Entries.Count(entry => entry.EventId == 420));
        Assert.Equal(4, counted.Value);
        // Nothing is done to what does not pass.
        Assert.Equal([1u, 3, 5, 7], _account.Inbox.Messages.Select(message => message.Uid));
        Assert.All(_account.Inbox.Messages, message => Assert.Empty(message.Flags));
    }

    [Fact]
    public async Task What_is_begun_is_ended_whatever_becomes_of_its_flags()
    {
        var inbox = new Inbox<ImapEvent> { Fails = _ => true };
        await using (var app = await StartAsync(typeof(Unread), inbox))
        {
            _account.Inbox.Append(OddMessages.Plain("one"));
            await inbox.WaitForAsync(2);
        }

        _account.Inbox.SetFlags(1, @"\Seen");
        inbox.Fails = _ => false;
        var before = inbox.Got.Count;
        await using var again = await StartAsync(typeof(Unread), inbox);
        await again.Logs.WaitForAsync(408);
        Assert.Equal(before + 1, inbox.Got.Count);
        Assert.Contains(@"\Seen", inbox.Got[^1].Flags);
        _account.Inbox.Append(OddMessages.Plain("two"), [@"\Seen"]);
        await again.Logs.WaitForAsync(420);
    }

    [Fact]
    public async Task A_thousand_that_do_not_pass_hold_nobody_up()
    {
        var inbox = new Inbox<ImapEvent>();
        await using var app = await StartAsync(typeof(Wanted), inbox);
        _account.Inbox.AppendAll([.. Enumerable.Range(0, 2500).Select(i => OddMessages.Plain($"noise {i}")), OddMessages.Plain("order")]);
        Assert.Equal((2501u, "order"), (await inbox.WaitForAsync(1)).Select(mail => (mail.Uid, mail.Subject)).Single());
        await app.Logs.WaitForAsync(420, times: 2500);
    }

    [Fact]
    public async Task Mistakes_end_the_start_all_at_once_each_with_its_place()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(typeof(Wrong), new Inbox<ImapEvent>()));
        Assert.Equal(
            [
                "[ImapIdleTrigger] of function 'Wrong.One': Filter: 'form:' is not known; there are from, to, cc, replyto, subject, has, filename, larger, smaller, before, after, is, list, verified, spf, dkim, dmarc, keyword, label, header.",
                "    form:ann larger:10x",
                "    ^",
                "[ImapIdleTrigger] of function 'Wrong.One': Filter: '10x' is no size; write 10000, 10k, 5M or 1G.",
                "    form:ann larger:10x",
                "                    ^",
                "[ImapIdleTrigger] of function 'Wrong.Two': Headers: 'X Priority' is no name of a header field; write names such as X-Priority, with commas between.",
                "[ImapIdleTrigger] of function 'Wrong.Three': Filter is empty. Leave it out to be called with every message.",
            ],
            error.ToString().Split(Environment.NewLine));
    }

    [Fact]
    public async Task Chosen_fields_are_in_the_event()
    {
        var inbox = new Inbox<ImapEvent>();
        await using var app = await StartAsync(typeof(WithHeaders), inbox);
        _account.Inbox.Append("X-Priority: 5\r\nSubject: no\r\n\r\nHi\r\n");
        _account.Inbox.Append("X-Priority: 1 (Highest)\r\nSubject: yes\r\n\r\nHi\r\n");
        var mail = Assert.Single(await inbox.WaitForAsync(1));
        Assert.Equal(("yes", "1 (Highest)"), (mail.Subject, Assert.Single(mail.Headers["x-priority"])));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _state.Delete(recursive: true);
    }

    private async Task<FunctionApp> StartAsync(Type functions, object inbox)
    {
        KeyValuePair<string, string?>[] settings =
        [
            new("Imap:host", _server.Host), new("Imap:port", _server.Port.ToString(CultureInfo.InvariantCulture)), new("Imap:security", "none"), new("Imap:userName", "ann"), new("Imap:password", "secret"),
            new("WANTED", "subject:order"), new("NOTHING", ""), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName),
        ];
        var app = await FunctionApp.StartAsync(functions, inbox, settings, options => options.MaxAttempts = 100, Quick);
        return await app.WatchingAsync();
    }

    private sealed class Wanted(Inbox<ImapEvent> inbox)
    {
        [FunctionName("wanted")]
        public void OnMail([ImapIdleTrigger(Filter = "%WANTED% -from:nobody@example.org", OnSuccess = "move:Done", OnPoison = "delete")] ImapEvent mail) => inbox.Add(mail);
    }

    private sealed class Unread(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger(Filter = "is:unread")] ImapEvent mail) => inbox.Add(mail);
    }

    private sealed class WithHeaders(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger(Filter = "header:x-priority=highest", Headers = "x-priority")] ImapEvent mail) => inbox.Add(mail);
    }

    private sealed class Wrong
    {
        public void One([ImapIdleTrigger(Filter = "form:ann larger:10x")] ImapEvent mail) => _ = mail;

        public void Two([ImapIdleTrigger(Headers = "X Priority")] ImapEvent mail) => _ = mail;

        public void Three([ImapIdleTrigger(Filter = "%NOTHING%")] ImapEvent mail) => _ = mail;
    }

    /// <summary>Of messages filtered in this process, of this test's function.</summary>
    private sealed class Count : IDisposable
    {
        private readonly MeterListener _listener = new() { InstrumentPublished = (instrument, listener) => { if (instrument.Name == "imap_trigger.filtered") listener.EnableMeasurementEvents(instrument); } };
        private long _value;

        public Count()
        {
            _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
            {
                foreach (var tag in tags)
                {
                    if ((string?)tag.Value == "wanted")
                        Interlocked.Add(ref _value, value);
                }
            });
            _listener.Start();
        }

        public long Value => Interlocked.Read(ref _value);

        public void Dispose() => _listener.Dispose();
    }
}
