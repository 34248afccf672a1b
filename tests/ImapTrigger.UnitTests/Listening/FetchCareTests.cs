using ImapTrigger.Imap;
using ImapTrigger.Listening;

namespace ImapTrigger.UnitTests.Listening;

/// <summary>How the message that breaks a fetch is found (law 15).</summary>
public sealed class FetchCareTests
{
    private readonly FetchCare _care = new();

    [Fact]
    public void A_portion_that_broke_is_halved_until_one_is_alone()
    {
        Assert.Equal(CatchUp.Portion, _care.Together(1));
        Assert.False(_care.Suspects(0));
        _care.Suspect(1, 8, 8, inOrder: false);
        Assert.Equal((4, 4, CatchUp.Portion), (_care.Together(1), _care.Together(8), _care.Together(9)));
        Assert.Equal((true, false), (_care.Suspects(7), _care.Suspects(8)));
        Assert.False(_care.IsAlone(1));
        _care.Suspect(1, 4, 3, inOrder: false);
        Assert.Equal((1, true, true), (_care.Together(1), _care.IsAlone(1), _care.IsAlone(8)));
        Assert.False(_care.IsAlone(9));
        _care.Suspect(1, 1, 1, inOrder: false);
        Assert.Equal(1, _care.Together(1));
        _care.Found();
        Assert.Equal((CatchUp.Portion, false), (_care.Together(1), _care.IsAlone(1)));
    }

    [Fact]
    public void Where_answers_come_in_order_the_first_is_tried_alone_and_when_that_was_wrong_they_are_halved()
    {
        _care.Suspect(3, 10, 8, inOrder: true);
        Assert.Equal((1, true, 4, false), (_care.Together(3), _care.IsAlone(3), _care.Together(4), _care.IsAlone(4)));
        _care.Cleared();
        Assert.Equal((4, false), (_care.Together(3), _care.IsAlone(3)));
        _care.Suspect(4, 10, 4, inOrder: true);
        Assert.Equal((2, false), (_care.Together(4), _care.IsAlone(4)));
        _care.Found();
        _care.Suspect(5, 10, 4, inOrder: true);
        Assert.True(_care.IsAlone(5));
    }

    [Fact]
    public void A_session_that_broke_is_followed_at_once_but_not_for_ever()
    {
        Assert.False(_care.TakeHurry());
        for (var i = 0; i < 12; i++)
        {
            _care.Broke();
            Assert.True(_care.TakeHurry());
            Assert.False(_care.TakeHurry());
        }

        _care.Broke();
        Assert.False(_care.TakeHurry());
        _care.Came();
        _care.Broke();
        Assert.True(_care.TakeHurry());
    }

    [Fact]
    public void Ids_that_cannot_be_read_at_all_are_not_asked_for_any_more()
    {
        Assert.False(_care.CameOn(FetchRung.RawHeader));
        Assert.Equal(FetchRung.All, _care.Rung);
        Assert.True(_care.CameOn(FetchRung.WithoutIds));
        Assert.Equal(FetchRung.WithoutIds, _care.Rung);
        Assert.False(_care.CameOn(FetchRung.WithoutIds));
    }

    [Fact]
    public void Where_others_have_come_with_theirs_it_takes_three()
    {
        _care.Came();
        Assert.False(_care.CameOn(FetchRung.WithoutIds));
        Assert.False(_care.CameOn(FetchRung.WithoutIds));
        Assert.Equal(FetchRung.All, _care.Rung);
        Assert.True(_care.CameOn(FetchRung.WithoutIds));
    }
}
