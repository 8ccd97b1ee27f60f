import pytest

from studio.core.events import Looked
from studio.core.wishes import Look
from studio.session.sights import EXACT, Sights, Spot
from tests.session.scripted import Scripted, picture

HERE, THERE = Spot("a", 3), Spot("a", 4)


@pytest.fixture
def backend() -> Scripted:
    return Scripted()


@pytest.fixture
def sights(backend: Scripted) -> Sights:
    return Sights(backend)


def looked(place: Spot, exact: bool, side: int = 8) -> Looked:
    shown = picture(9, side, side)
    return Looked(place.run, place.step, place.image, shown, place.view, exact, 0.0, place.pure)


def test_a_place_is_seen_quickly_and_when_one_rests_there_at_full_quality(
    sights: Sights, backend: Scripted
) -> None:
    sights.look("look", HERE)
    assert backend.wishes == [Look("a", 3, exact=False)]
    assert sights.find(HERE) is None
    sights.fold(looked(HERE, False))
    sight = sights.find(HERE)
    assert sight is not None
    assert not sight.exact
    assert not sights.sharp
    sights.rest()
    assert backend.wishes[1:] == [Look("a", 3)]
    sights.fold(looked(HERE, True))
    sight = sights.find(HERE)
    assert sight is not None
    assert sight.exact
    assert sights.sharp


def test_nothing_is_asked_for_twice(sights: Sights, backend: Scripted) -> None:
    for _ in range(3):
        sights.look("look", HERE)
        sights.rest()
    assert len(backend.wishes) == 2
    sights.fold(looked(HERE, True))
    sights.look("look", HERE)
    sights.rest()
    assert len(backend.wishes) == 2


def test_a_wish_that_gave_way_is_made_again_on_the_way_back(
    sights: Sights, backend: Scripted
) -> None:
    for place in (HERE, THERE, HERE):
        sights.look("look", place)
    assert [wish.index for wish in backend.wishes if isinstance(wish, Look)] == [3, 4, 3]


def test_only_what_is_looked_at_is_told_when_it_comes(sights: Sights) -> None:
    told: list[Spot] = []
    sights.changed.connect(told.append)
    sights.look("look", HERE)
    sights.look("beside", THERE)
    for place in (HERE, THERE, Spot("a", 5)):
        sights.fold(looked(place, False))
    sights.look("beside", None)
    sights.fold(looked(THERE, True))
    assert told == [HERE, THERE]


def test_pictures_are_kept_within_bytes_the_longest_unseen_goes_first(sights: Sights) -> None:
    side = 2048
    count = EXACT // (side * side * 3)
    places = [Spot("a", index) for index in range(count + 1)]
    for place in places[:count]:
        sights.fold(looked(place, True, side))
    assert sights.find(places[0]) is not None
    sights.fold(looked(places[count], True, side))
    assert sights.find(places[0]) is not None
    assert sights.find(places[1]) is None
    sights.fold(looked(THERE, True, 8192))
    assert sights.find(THERE) is not None


def test_another_step_makes_heat_maps_out_of_date_and_nothing_else(sights: Sights) -> None:
    heat, plain = Spot("a", 1, view="change"), Spot("a", 1)
    for place in (heat, plain, Spot("b", 1, view="change")):
        sights.fold(looked(place, False))
    sights.grown("a")
    assert sights.find(heat) is None
    assert sights.find(plain) is not None
    assert sights.find(Spot("b", 1, view="change")) is not None


def test_until_a_picture_is_there_the_same_view_of_another_step_stands_in(sights: Sights) -> None:
    noise = Spot("a", 3, view="noise")
    assert sights.seen("look", noise) is None
    sights.fold(looked(noise, False))
    seen = sights.seen("look", Spot("a", 4, view="noise"))
    assert seen is None  # it was never shown in this slot
    assert sights.seen("look", noise) is not None
    for other in (Spot("a", 4), Spot("b", 4, view="noise"), Spot("a", 4, 1, "noise")):
        assert sights.seen("look", other) is None
    seen = sights.seen("look", Spot("a", 4, view="noise"))
    assert seen is not None
    assert seen[0] == noise
    sights.fold(looked(Spot("a", 4, view="noise"), False))
    seen = sights.seen("look", Spot("a", 4, view="noise"))
    assert seen is not None
    assert seen[0].step == 4
