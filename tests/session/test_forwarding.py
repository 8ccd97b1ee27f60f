from dataclasses import replace

import pytest

from studio.core.events import Began, Forwarded, Noised
from studio.core.wishes import Begin, Forward
from studio.session.forwarding import Forwarding
from studio.session.session import Session
from tests.session.scripted import Scripted, mask_for, new_session, picture


def wishes(session: Session, kind: type) -> list:
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    return [wish for wish in backend.wishes if isinstance(wish, kind)]


def answer(session: Session, reached: int | None = None, latents: bool | None = None) -> None:
    wish = wishes(session, Forward)[-1]
    if latents is not None:
        wish = replace(wish, latents=latents)
    one = Noised("linear", 0.8, 0.6, 0.01, picture(), picture(), (1.0, 0.5, 0.0))
    session.receive(Forwarded(wish, wish.t if reached is None else reached, (one,)))


@pytest.fixture
def session() -> Session:
    session = new_session()
    session.settings.random_seed = False
    session.desk.bring(picture(), "photo.png")
    return session


@pytest.fixture
def forwarding(session: Session) -> Forwarding:
    made = Forwarding(session)
    made.follow(True)
    return made


def test_nothing_is_asked_before_it_is_seen_or_without_a_picture(session: Session) -> None:
    forwarding = Forwarding(session)
    forwarding.move(t=500)
    assert (wishes(session, Forward), wishes(session, Begin)) == ([], [])
    empty = new_session()
    Forwarding(empty).follow(True)
    assert (wishes(empty, Forward), wishes(empty, Begin)) == ([], [])


def test_one_wish_at_a_time_and_the_newest_counts(session: Session, forwarding: Forwarding) -> None:
    for t in (310, 320, 330):
        forwarding.move(t=t)
    assert [wish.t for wish in wishes(session, Forward)] == [300]
    answer(session)
    assert [wish.t for wish in wishes(session, Forward)] == [300, 330]
    answer(session)
    assert len(wishes(session, Forward)) == 2


def test_chains_that_are_not_there_yet_are_asked_to_go_on(
    session: Session, forwarding: Forwarding
) -> None:
    answer(session, reached=60)
    answer(session, reached=120)
    assert [wish.t for wish in wishes(session, Forward)] == [300] * 3
    answer(session)
    assert len(wishes(session, Forward)) == 3


def test_the_start_follows_every_setting_and_is_exact_at_rest(
    session: Session, forwarding: Forwarding
) -> None:
    session.settings.strength = 0.4
    quick = wishes(session, Begin)
    assert [wish.exact for wish in quick] == [False, False]
    assert quick[-1].request.recipe.strength == 0.4
    assert quick[-1].request.source is session.document.picture
    forwarding.rest()
    exact = wishes(session, Begin)[-1]
    assert (exact.exact, exact.request) == (True, quick[-1].request)
    session.receive(Began(exact, picture(), 12, 20, 0.8, 0.6, 399.0, "decoded"))
    session.receive(Began(quick[-1], picture(), 12, 20, 0.8, 0.6, 399.0, "preview"))
    assert forwarding.began is not None
    assert (forwarding.began.sight, forwarding.t_of_start) == ("decoded", 400)
    session.settings.seed = 99
    assert wishes(session, Begin)[-1].request.recipe.seed == 99


def test_a_picture_that_is_only_shown_has_a_start_too_and_a_fill_has_its_own(
    session: Session, forwarding: Forwarding
) -> None:
    session.desk.use_source = False
    session.settings.strength = 0.3
    request = forwarding.request()
    assert request is not None
    assert (request.recipe.strength, request.source) == (0.3, session.document.picture)
    assert session.document.picture is not None
    session.settings.continue_strength = 0.9
    session.document.set_mask(mask_for(session.document.picture))
    request = forwarding.request()
    assert request is not None
    assert (request.recipe.strength, request.mask) == (0.9, session.document.mask)


def test_an_answer_about_an_earlier_start_is_left_out(
    session: Session, forwarding: Forwarding
) -> None:
    old = wishes(session, Begin)[-1]
    session.settings.strength = 0.2
    session.receive(Began(old, picture(), 8, 20, 0.5, 0.8, 600.0))
    assert forwarding.began is None


def test_latents_are_asked_for_again_once_they_are_encoded(
    session: Session, forwarding: Forwarding
) -> None:
    answer(session)
    forwarding.move(latents=True)
    assert wishes(session, Forward)[-1].latents
    answer(session, latents=False)
    count = len(wishes(session, Forward))
    forwarding.rest()
    exact = wishes(session, Begin)[-1]
    session.receive(Began(exact, picture(), 8, 20, 0.5, 0.8, 599.0, "decoded"))
    assert len(wishes(session, Forward)) == count + 1
    answer(session)
    assert forwarding.answer is not None
    assert forwarding.answer.wish.latents
    assert len(wishes(session, Forward)) == count + 1


def test_flow_matching_counts_time_by_its_share_of_noise(
    session: Session, forwarding: Forwarding
) -> None:
    wish = wishes(session, Begin)[-1]
    session.receive(Began(wish, picture(), 8, 20, 0.25, 0.75, 750.0))
    assert forwarding.t_of_start == 750
