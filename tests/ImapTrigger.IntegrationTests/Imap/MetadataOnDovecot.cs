using ImapTrigger.Imap;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Imap;

public sealed class MetadataOnDovecot(DovecotServer server) : MetadataContract(server), IClassFixture<DovecotServer>
{
    private readonly string _name = $"user-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>f02: a file whose name tells a wrong size, as after a migration, or that Dovecot may not read. It says BYE and closes.</summary>
    [Theory]
    [InlineData("S=5,W=5", false)]
    [InlineData("S=200,W=210", true)]
    [InlineData("", true)]
    public async Task A_file_that_Dovecot_cannot_read_is_known_by_its_UID_and_flags(string size, bool unreadable)
    {
        await server.DeliverAsync(_name, [OddMessages.Plain("n1")]);
        await server.DeliverFileAsync(_name, size, unreadable, OddMessages.Plain("n2"));
        await server.DeliverAsync(_name, [OddMessages.Plain("n3")]);
        var session = await OpenAsync(_name);
        try
        {
            var uids = await session.SearchAsync(0, Token);
            foreach (var rung in Enum.GetValues<FetchRung>().TakeWhile(rung => rung < FetchRung.Bare))
            {
                var (messages, failure) = await session.FetchAsync([uids[1]], rung, Token);
                Assert.Empty(messages);
                Assert.NotNull(failure);
                if (failure.Error == ImapSessionError.CommandRefused)
                    continue;
                await session.DisposeAsync();
                session = await OpenAsync(_name);
            }

            var (bare, none) = await session.FetchAsync([uids[1]], FetchRung.Bare, Token);
            Assert.Null(none);
            Assert.False(Assert.Single(bare).Complete);
            Assert.Equal(["n1", "n3"], (await session.FetchAsync([uids[0], uids[2]], Token)).Select(message => message.Subject));
        }
        finally
        {
            await session.DisposeAsync();
        }
    }
}
