"""What holds for every test: no network, no screen, own folders, no thread left behind."""

from __future__ import annotations

import itertools
import os
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

for name, value in {
    "QT_QPA_PLATFORM": "offscreen",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    # Networks this small gain nothing by more threads, and two such processes starve each other.
    "OMP_NUM_THREADS": "1",
}.items():
    os.environ.setdefault(name, value)

hypothesis.settings.register_profile("studio", max_examples=30, deadline=None, derandomize=True)
hypothesis.settings.load_profile("studio")

PATIENCE = 2.0
"""Seconds that a thread which was told to end may take to do so."""


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Paths in a folder of the session's. `mktemp` would read all names before each new one."""
    root = tmp_path_factory.mktemp("homes")
    return (root / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def own_folders(homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own: nothing it saves reaches the person's folders, or another test."""
    home = next(homes)
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.delenv("STUDIO_HOME", raising=False)
    for name, folder in {
        "XDG_CONFIG_HOME": ".config",
        "XDG_DATA_HOME": ".local/share",
        "XDG_CACHE_HOME": ".cache",
        "XDG_STATE_HOME": ".local/state",
        "XDG_PICTURES_DIR": "Pictures",
    }.items():
        monkeypatch.setenv(name, str(home / folder))
    return home


@pytest.fixture(autouse=True)
def no_waiting_for_disks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fsync guards against, a power cut, no test here can see; on a busy disk it is slow."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fail a test that leaves a thread behind which it started.

    Daemon threads of libraries may stay; ours carry names that begin with "studio" and may not.
    """
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + PATIENCE
    while (left := _left(before)) and time.monotonic() < until:
        time.sleep(0.01)
    assert not left, f"threads left behind: {', '.join(thread.name for thread in left)}"


@pytest.fixture(autouse=True)
def no_timer_left(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Fail a test of the window that leaves a timer ticking."""
    if "qapp" not in request.fixturenames:
        yield
        return
    from PySide6.QtCore import QCoreApplication, QEvent, QTimer
    from shiboken6 import isValid

    request.getfixturevalue("qapp")
    started: list[weakref.ref[QTimer]] = []
    start = QTimer.start

    def noted(timer: QTimer, *interval: int) -> None:
        started.append(weakref.ref(timer))
        start(timer, *interval)

    monkeypatch.setattr(QTimer, "start", noted)
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    timers = [timer for ref in started if (timer := ref()) is not None and isValid(timer)]
    left = {timer for timer in timers if timer.isActive()}
    assert not left, f"timers left ticking: {[timer.parent() for timer in left]}"


def _left(before: set[threading.Thread]) -> list[threading.Thread]:
    return [
        thread
        for thread in set(threading.enumerate()) - before
        if thread.name.startswith("studio") or not thread.daemon
    ]
