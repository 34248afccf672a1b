using ImapTrigger.Hosting;

namespace ImapTrigger.UnitTests.Hosting;

public sealed class ImapIdleOptionsTests
{
    [Fact]
    public void Defaults_are_valid() => Assert.True(new ImapIdleOptionsValidation().Validate(null, new ImapIdleOptions()).Succeeded);

    [Fact]
    public void Every_wrong_setting_is_named_with_its_bounds()
    {
        var result = new ImapIdleOptionsValidation().Validate(null, new ImapIdleOptions
        {
            IdleRenewal = TimeSpan.FromMinutes(21), PollInterval = TimeSpan.Zero, MaxConcurrentCalls = 0, Container = "No", StateName = "", FlushInterval = TimeSpan.FromHours(1),
        });
        Assert.Equal(6, result.Failures!.Count());
        Assert.Contains(result.Failures!, failure => failure.Contains("imapIdle.idleRenewal", StringComparison.Ordinal) && failure.Contains("00:20:00", StringComparison.Ordinal));
    }
}
