namespace ImapTrigger.Listening;

/// <summary>When a question is asked again whose answer was not believed: soon, then later each time.</summary>
internal sealed class AskAgain(TimeProvider time, bool repeatLast, params double[] seconds)
{
    private int _asked;
    private TimeSpan _pause;
    private long _since;

    /// <summary>How often it has been asked since the first doubt.</summary>
    public int Asked => _asked;

    /// <summary>How long until it is to be asked; null when it is not.</summary>
    public TimeSpan? Left { get; private set; }

    public bool IsDue => Left is not null && time.GetElapsedTime(_since) >= _pause;

    /// <summary>There is something new to ask for.</summary>
    public void Restart()
    {
        _asked = 0;
        Next();
    }

    /// <summary>At once, and then as from the beginning.</summary>
    public void Now()
    {
        _asked = 0;
        (_pause, Left, _since) = (TimeSpan.Zero, TimeSpan.Zero, time.GetTimestamp());
    }

    /// <summary>It has been asked in vain. False when it is not asked any more.</summary>
    public bool Next()
    {
        if (_asked == seconds.Length && !repeatLast)
        {
            Stop();
            return false;
        }

        _pause = TimeSpan.FromSeconds(seconds[Math.Min(_asked, seconds.Length - 1)]);
        _asked++;
        _since = time.GetTimestamp();
        Left = _pause;
        return true;
    }

    public void Stop()
    {
        Left = null;
        _asked = 0;
    }

    /// <summary>The time until it is due, or the given one if that is shorter.</summary>
    public TimeSpan OrSooner(TimeSpan limit)
    {
        if (Left is null)
            return limit;
        var left = _pause - time.GetElapsedTime(_since);
        return left < limit ? left : limit;
    }
}
