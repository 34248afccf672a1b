using ImapTrigger.Imap;

namespace ImapTrigger.UnitTests.Listening.Model;

/// <summary>
/// A mailbox whose server, by the seed, omits, reorders, refuses and repeats answers, ends sessions, says too much or too little of UIDNEXT and counts, and
/// shows messages late. After <see cref="Calm"/> it tells the truth, as far as it can at all.
/// </summary>
internal sealed class ModelServer
{
    public static readonly TimeSpan Calm = TimeSpan.FromMinutes(70);
    private const int MostOmissions = 3;
    private readonly Dictionary<uint, int> _omitted = [];
    private readonly Random _random;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _began;
    private readonly double _omits;
    private readonly double _breaks;

    public ModelServer(int seed, TimeProvider time, double faults = 1)
    {
        _random = new Random(seed);
        _time = time;
        _began = time.GetUtcNow();
        (_omits, _breaks) = (faults * 0.3 * _random.NextDouble(), faults * 0.05 * _random.NextDouble());
        if (faults > 0)
            (HidesUidNext, HidesStatus, SearchIgnoresStar) = (_random.Next(4) == 0, _random.Next(4) == 0, _random.Next(2) == 0);
        Messages = [.. Make(faults > 0)];
    }

    public IReadOnlyList<ModelMessage> Messages { get; }

    public bool HidesUidNext { get; }

    public bool HidesStatus { get; }

    /// <summary>As a real one does.</summary>
    public bool SearchIgnoresStar { get; }

    /// <summary>How many commands it has been sent.</summary>
    public int Commands { get; private set; }

    public TimeSpan Now => _time.GetUtcNow() - _began;

    public IEnumerable<ModelMessage> Visible => Messages.Where(message => message.Visible <= Now && !(message.Expunged <= Now));

    public uint UidNext => Messages.Where(message => message.Arrives <= Now).Select(message => message.Uid + 1).DefaultIfEmpty(1u).Max();

    /// <summary>When something happens next; null when nothing does any more.</summary>
    public TimeSpan? NextEvent => Messages.SelectMany(message => new[] { message.Arrives, message.Visible }).Where(at => at > Now).Select(at => (TimeSpan?)at).Min();

    /// <summary>A UIDNEXT that may be missing, zero, or of a while ago.</summary>
    public uint? SaidUidNext => HidesUidNext ? null : Lies(0.1) ? (uint)_random.Next(3) : UidNext;

    public bool Lies(double probability) => Now < Calm && _random.NextDouble() < probability;

    /// <summary>Whether an answer leaves this message out; not for ever.</summary>
    public bool Omits(uint uid)
    {
        var omitted = Lies(_omits) && _omitted.GetValueOrDefault(uid) < MostOmissions;
        _omitted[uid] = omitted ? _omitted.GetValueOrDefault(uid) + 1 : 0;
        return omitted;
    }

    public int Pick(int below) => _random.Next(below);

    /// <summary>A command has come.</summary>
    public void Hear()
    {
        Commands++;
        if (Lies(_breaks))
            throw Ended();
    }

    public static ImapSessionException Ended() => new(ImapSessionError.ConnectionLost, "The model ended the session.");

    private IEnumerable<ModelMessage> Make(bool odd)
    {
        uint uid = 0;
        var at = TimeSpan.Zero;
        var count = 5 + _random.Next(60);
        for (var i = 0; i < count; i++)
        {
            // In bursts, with holes, some late.
            at += _random.Next(3) == 0 ? TimeSpan.FromSeconds(_random.Next(120)) : TimeSpan.Zero;
            uid += odd && _random.Next(6) == 0 ? 1 + (uint)_random.Next(_random.Next(10) == 0 ? 50_000 : 20) : 1;
            var visible = odd && _random.Next(8) == 0 ? at + TimeSpan.FromSeconds(_random.Next(2400)) : at;
            TimeSpan? expunged = odd && _random.Next(8) == 0 ? visible + TimeSpan.FromSeconds(_random.Next(300)) : null;
            var badness = odd && _random.Next(10) == 0 ? (Badness)(1 + _random.Next(3)) : Badness.None;
            FetchRung? passesFrom = _random.Next(3) == 0 ? null : (FetchRung)(1 + _random.Next((int)FetchRung.Bare));
            yield return new ModelMessage(uid, at, visible, expunged, badness, passesFrom);
        }
    }
}
