"""Tokenizers are fetched once, whole or not at all."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.cli import main
from studio.core.downloads import Downloading
from studio.core.errors import BadInput, CannotLoad
from studio.core.events import Event
from studio.engine.downloads import Downloads
from studio.library.folders import Folders
from studio.models.catalogue import Catalogue
from studio.models.hub.halt import Halt
from studio.models.hub.tokenizers import TOKENIZERS, fetch_tokenizer
from tests.models.hub.server import Fault, Hub

FILES = {"vocab.json": b'{"a": 1}', "merges.txt": b"a b", "model.safetensors": b"not wanted"}


@pytest.fixture
def clip(serve: Callable[..., Hub]) -> Hub:
    hub = serve(FILES)
    hub.repo = TOKENIZERS["clip"].repo
    return hub


def silent(done: int, waiting: str) -> None:
    pass


def test_it_is_fetched_once_and_kept(clip: Hub, tmp_path: Path) -> None:
    clip.faults["merges.txt"] = deque([Fault(cut=1)])
    folder = fetch_tokenizer("clip", tmp_path, Halt(), silent)
    assert folder == tmp_path / "tokenizers" / "clip"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        name: FILES[name] for name in ("vocab.json", "merges.txt")
    }
    asked = len(clip.asked)
    assert fetch_tokenizer("clip", tmp_path, Halt(), silent) == folder
    assert len(clip.asked) == asked


def test_without_the_network_it_says_so(
    clip: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(CannotLoad, match="HF_HUB_OFFLINE"):
        fetch_tokenizer("clip", tmp_path, Halt(), silent)
    assert not clip.asked


def test_one_that_is_gone_or_unknown_is_told(clip: Hub, tmp_path: Path) -> None:
    del clip.files["vocab.json"]
    with pytest.raises(CannotLoad, match=r"no longer has vocab\.json"):
        fetch_tokenizer("clip", tmp_path, Halt(), silent)
    assert not (tmp_path / "tokenizers/clip").exists()
    with pytest.raises(BadInput):
        fetch_tokenizer("gpt", tmp_path, Halt(), silent)


def test_the_command_line_and_the_window_fetch_it(
    clip: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path))
    assert main(["models", "fetch-tokenizer", "clip"]) == 0
    assert str(tmp_path / "data/tokenizers/clip") in capsys.readouterr().out
    told: list[Event] = []
    folders = Folders(tmp_path / "pictures", tmp_path / "other")
    downloads = Downloads(Catalogue(folders), told.append)
    downloads.fetch("clip")
    downloads.fetch("gpt")
    until = time.monotonic() + 10
    while len(told) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    assert downloads.close(10.0)
    states = [event.download.state for event in told if isinstance(event, Downloading)]
    assert states == ["done", "failed"]
    assert (folders.data / "tokenizers/clip/vocab.json").is_file()
