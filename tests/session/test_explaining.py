import pytest

from studio.core.events import Explained, Failed
from studio.core.explanation import Explanation, Place
from studio.core.wishes import Explain
from studio.session.explaining import Explaining
from studio.session.session import Session
from tests.session.scripted import Scripted, new_session, play

MIDDLE = Place(0, 4, 4)


def explanation(place: Place = MIDDLE) -> Explanation:
    return Explanation("Step", (), place, (3, 8, 8))


def wishes(session: Session) -> list[Explain]:
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    return [wish for wish in backend.wishes if isinstance(wish, Explain)]


@pytest.fixture
def session() -> Session:
    session = new_session()
    run = session.generate()
    assert run is not None
    play(session, run.id)
    return session


def test_asks_only_while_it_is_looked_at(session: Session) -> None:
    explaining = Explaining(session)
    session.select_step(2)
    assert wishes(session) == []
    explaining.follow(True)
    assert wishes(session) == [Explain("run1", 2)]
    session.receive(Explained("run1", 2, 0, explanation()))
    explaining.follow(False)
    session.select_step(1)
    assert len(wishes(session)) == 1


def test_while_scrubbing_one_wish_is_under_way_and_the_last_one_counts(session: Session) -> None:
    explaining = Explaining(session)
    explaining.follow(True)
    session.receive(Explained("run1", 3, 0, explanation()))
    for step in (2, 1, 0):
        session.select_step(step)
    assert [wish.index for wish in wishes(session)] == [3, 2]
    session.receive(Explained("run1", 2, 0, explanation()))
    assert [wish.index for wish in wishes(session)] == [3, 2, 0]
    session.receive(Explained("run1", 0, 0, explanation()))
    assert len(wishes(session)) == 3


def test_another_place_is_asked_for_and_a_reason_is_told(session: Session) -> None:
    explaining = Explaining(session)
    told: list[str] = []
    explaining.changed.connect(lambda: told.append(explaining.reason))
    explaining.follow(True)
    session.receive(Explained("run1", 3, 0, explanation()))
    explaining.probe(Place(1, 2, 3))
    assert wishes(session)[-1] == Explain("run1", 3, 0, Place(1, 2, 3))
    session.receive(Explained("run1", 3, 0, None, "Those steps are gone."))
    assert told == ["", "", "Those steps are gone."]
    assert explaining.explanation is None


def test_an_answer_that_was_not_asked_for_changes_nothing(session: Session) -> None:
    explaining = Explaining(session)
    session.receive(Explained("run1", 3, 0, explanation()))
    assert explaining.explanation is None


def test_after_a_failure_the_next_step_is_asked_for(session: Session) -> None:
    explaining = Explaining(session)
    explaining.follow(True)
    session.receive(Failed("", "It broke.", "", ""))
    session.select_step(1)
    assert [wish.index for wish in wishes(session)] == [3, 1]
