"""Screens and system libraries: what is missing is named, with what installs it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import pytest

from studio.bootstrap import debian, qt
from studio.bootstrap.errors import NoScreen, SetupFailed
from studio.bootstrap.progress import Progress


@pytest.mark.parametrize("name", qt.SHOW)
def test_any_screen_will_do(name: str) -> None:
    qt.require_screen({name: ":0"}, "linux")


def test_no_screen_points_to_the_command_line() -> None:
    with pytest.raises(NoScreen, match="python3 -m studio generate"):
        qt.require_screen({"DISPLAY": ""}, "linux")


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_other_systems_always_have_one_and_bring_their_libraries(system: str) -> None:
    qt.require_screen({}, system)
    assert qt.missing({}, system, has=lambda library: False) == {}


def lacking(libraries: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    return qt.missing(environment, "linux", has=lambda library: library not in libraries)


def test_offscreen_needs_the_common_ones_only() -> None:
    everything = qt.COMMON | qt.XCB | qt.WAYLAND
    assert lacking(everything, {"QT_QPA_PLATFORM": "offscreen"}) == qt.COMMON
    assert lacking({}, {"QT_QPA_PLATFORM": "offscreen"}) == {}


def test_a_screen_needs_its_own_too() -> None:
    one = {"libxcb-cursor.so.0": "libxcb-cursor0"}
    assert lacking(one, {"DISPLAY": ":0"}) == one
    assert lacking(one, {"QT_QPA_PLATFORM": "xcb:x"}) == one
    assert lacking(one, {"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0"}) == {}
    assert lacking(qt.WAYLAND, {"WAYLAND_DISPLAY": "wayland-0"}) == qt.WAYLAND


def test_of_two_screens_one_suffices() -> None:
    both = {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}
    assert lacking(qt.WAYLAND, both) == {}
    assert lacking(qt.XCB, both) == {}
    assert lacking(qt.XCB | qt.WAYLAND, both) == qt.XCB


def test_loads_tells_what_is_there() -> None:
    assert not qt.loads("libno-such-library.so.1")


def test_a_person_is_told_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qt, "missing", lambda: {"libEGL.so.1": "libegl1", "libGL.so.1": "libgl1"})
    monkeypatch.setattr(debian, "may_install", lambda: False)
    with pytest.raises(SetupFailed) as failure:
        qt.require_libraries(Progress(io.StringIO()))
    said = str(failure.value)
    assert "libEGL.so.1, libGL.so.1" in said
    assert "apt-get install -y --no-install-recommends libegl1 libgl1" in said


def test_an_administrator_has_them_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[Sequence[str]] = []

    def run(command: Sequence[str], **_: object) -> list[str]:
        commands.append(command)
        return []

    monkeypatch.setattr(qt, "missing", lambda: {"libEGL.so.1": "libegl1"})
    monkeypatch.setattr(debian, "may_install", lambda: True)
    monkeypatch.setattr(debian, "run", run)
    shown = io.StringIO()
    qt.require_libraries(Progress(shown))
    assert commands == [
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", "libegl1"],
    ]
    assert "libEGL.so.1" in shown.getvalue()


def test_a_failed_installation_is_told_with_its_last_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "may_install", lambda: True)
    monkeypatch.setattr(debian, "run", lambda command, **_: ["E: Unable to locate package"])
    with pytest.raises(SetupFailed) as failure:
        debian.need(["libegl1"], "It lacks libEGL.so.1.", Progress(io.StringIO()))
    assert str(failure.value).startswith("E: Unable to locate package")
    assert "libegl1 failed" in str(failure.value)
