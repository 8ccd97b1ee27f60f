from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from queue import Queue
from typing import Any

import pytest

from studio.core.errors import CannotOpen, StudioError
from studio.session.clerk import Clerk

PATIENCE = 10.0


class Post:
    """Calls what it was given when it is told to, on the thread that tells it."""

    def __init__(self) -> None:
        self.calls: Queue[Callable[[], None]] = Queue()

    def take(self, count: int = 1) -> None:
        for _ in range(count):
            self.calls.get(timeout=PATIENCE)()


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def clerk(post: Post) -> Iterator[Clerk]:
    made = Clerk()
    made.start(post.calls.put)
    yield made
    assert made.close(PATIENCE)


def test_without_threads_all_is_done_at_once() -> None:
    clerk, came = Clerk(), []
    clerk.do("open", "", lambda: 7, came.append)
    assert came == [7]
    assert clerk.going == []


def test_work_is_done_elsewhere_and_told_here(clerk: Clerk, post: Post) -> None:
    came: list[Any] = []

    def done(value: object) -> None:
        came.append((value, threading.current_thread()))

    clerk.do("open", "Opening a…", lambda: threading.current_thread().name, done)
    assert [job.text for job in clerk.going] == ["Opening a…"]
    assert came == []
    post.take()
    ((worker, here),) = came
    assert worker.startswith("studio-open")
    assert here is threading.current_thread()
    assert clerk.going == []


def test_the_newest_picture_wins_whichever_is_read_first(clerk: Clerk, post: Post) -> None:
    came: list[object] = []
    gate = threading.Event()
    clerk.do("open", "slow", lambda: gate.wait(PATIENCE) and "slow", came.append)
    clerk.do("open", "skipped", lambda: "skipped", came.append)
    clerk.do("open", "newest", lambda: "newest", came.append)
    assert [job.text for job in clerk.going] == ["newest"]
    gate.set()
    post.take(3)
    assert came == ["newest"]


def test_every_save_is_done_in_its_turn(clerk: Clerk, post: Post) -> None:
    came: list[object] = []
    for number in range(5):
        clerk.do("save", str(number), lambda number=number: number, came.append)
    assert clerk.saving
    post.take(5)
    assert came == [0, 1, 2, 3, 4]
    assert not clerk.saving


def test_what_was_given_up_does_not_come(clerk: Clerk, post: Post) -> None:
    came: list[object] = []
    clerk.do("open", "a", lambda: "a", came.append)
    clerk.give_up()
    assert clerk.going == []
    post.take()
    assert came == []


def test_an_error_is_a_value_and_a_fault_is_raised_here(clerk: Clerk, post: Post) -> None:
    came: list[object] = []

    def refuse() -> int:
        raise CannotOpen("No.")

    def stumble() -> int:
        raise ZeroDivisionError

    clerk.do("open", "", refuse, came.append)
    post.take()
    assert isinstance(came[0], StudioError)
    clerk.do("save", "", stumble, came.append)
    with pytest.raises(ZeroDivisionError):
        post.take()
    assert clerk.going == []


def test_closing_waits_for_a_save(post: Post) -> None:
    clerk, written = Clerk(), []
    clerk.start(post.calls.put)
    gate = threading.Event()

    def save() -> None:
        gate.wait(PATIENCE)
        written.append(True)

    clerk.do("save", "", save, lambda _: None)
    assert not clerk.close(0.01)
    gate.set()
    again = threading.Event()
    while not written and not again.wait(0.01):
        pass
    assert written == [True]
