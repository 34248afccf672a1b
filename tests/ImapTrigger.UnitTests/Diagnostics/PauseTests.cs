using ImapTrigger.Diagnostics;

namespace ImapTrigger.UnitTests.Diagnostics;

/// <summary>Pauses in the log are written for people.</summary>
public sealed class PauseTests
{
    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(0.0301, "31 ms")]
    [InlineData(8.4985433, "8 s")]
    [InlineData(59.7, "1 min")]
    [InlineData(90, "1 min 30 s")]
    [InlineData(300, "5 min")]
    [InlineData(1110, "19 min")]
    [InlineData(3599, "1 h")]
    [InlineData(5400, "1 h 30 min")]
    [InlineData(90000, "1 d 1 h")]
    public void A_pause_is_said_as_people_say_it(double seconds, string said) => Assert.Equal(said, new Pause(TimeSpan.FromSeconds(seconds)).ToString());

    [Theory]
    [InlineData(0, "at once")]
    [InlineData(-1, "at once")]
    [InlineData(8.4985433, "in 8 s")]
    public void What_does_not_wait_goes_on_at_once(double seconds, string said) => Assert.Equal(said, new FromNow(TimeSpan.FromSeconds(seconds)).ToString());

    /// <summary>Nor a number of seconds, milliseconds and the like.</summary>
    [Fact]
    public void No_line_of_the_log_takes_a_bare_time_span() =>
        Assert.DoesNotContain(typeof(Log).GetMethods(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic).SelectMany(line => line.GetParameters()), parameter => parameter.ParameterType == typeof(TimeSpan) || parameter.ParameterType == typeof(double));
}
