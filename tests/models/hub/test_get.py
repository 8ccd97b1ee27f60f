"""models get and models browse: the command line against a hub on loopback."""

from __future__ import annotations

import json
import signal
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.cli import main
from studio.core.offline import never_use_network
from studio.models.hub.shelf import NOTE, PART
from tests.models.hub.conftest import WEIGHTS, content
from tests.models.hub.ordeal import begin, ordeal
from tests.models.hub.server import Fault, Hub
from tests.tiny import make_tiny

Serve = Callable[..., Hub]
Run = Callable[..., tuple[int, str, str]]
SECRET = "hf_secretword"


def served(folder: Path) -> dict[str, bytes]:
    """A tiny model that works, and beside it what is not to be downloaded."""
    made = make_tiny(folder)
    files = {p.relative_to(made).as_posix(): p.read_bytes() for p in made.rglob("*") if p.is_file()}
    return files | {"setup.py": b"raise SystemExit('never run')", "big.safetensors": b"x" * 1000}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same without another process."""

    def run(home: Path, *words: str) -> tuple[int, str, str]:
        monkeypatch.setenv("STUDIO_HOME", str(home))
        monkeypatch.setenv("HF_TOKEN", SECRET)
        try:
            code = main(["models", *words])
        finally:
            never_use_network(False)
        out, told = capsys.readouterr()
        assert SECRET not in out + told
        assert "Traceback" not in told
        return code, out, told

    return run


def test_a_model_is_downloaded_without_what_is_not_needed(
    serve: Serve, run: Run, tmp_path: Path
) -> None:
    hub = serve(served(tmp_path / "served"))
    code, out, told = run(tmp_path / "home", "get", "acme/tiny", "--precision", "full", "--json")
    assert code == 0, told
    folder = tmp_path / "home/data/models/acme--tiny"
    assert json.loads(out)["added"]["path"] == str(folder)
    assert not [path for path in hub.paths() if path.endswith((".py", "big.safetensors"))]
    assert not list(folder.parent.glob(f"*{PART}"))
    assert not (folder / NOTE).exists()
    models = json.loads((tmp_path / "home/data/models.json").read_text())
    assert "acme--tiny" in models
    assert SECRET not in "".join(p.read_text() for p in (tmp_path / "home").rglob("*.json"))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_download_goes_on_where_it_stopped(
    serve: Serve, run: Run, tmp_path: Path, how: signal.Signals
) -> None:
    files = served(tmp_path / "served")
    hub = serve(files | {WEIGHTS: files[WEIGHTS] + content(1 << 20)})
    hub.faults[WEIGHTS] = deque([Fault(cut=600_000, stall=30.0)])
    home, part = tmp_path / "home", tmp_path / f"home/data/models/acme--tiny{PART}"
    process = begin(hub, home, "get", "acme/tiny", "--precision", "full", token=SECRET)
    place = part / f"{WEIGHTS}.incomplete"
    while not place.is_file() or place.stat().st_size < 600_000:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(how)
    _, told = process.communicate(timeout=30)
    if how is signal.SIGINT:
        assert process.returncode == 130
        assert "the same command goes on with it" in told
    assert not (home / "data/models.json").exists()
    code, _, told = run(home, "get", "acme/tiny", "--precision", "full")
    assert code == 0, told
    assert "of it are here" in told
    again = [headers for path, headers in hub.asked if path.endswith(WEIGHTS)]
    assert again[1]["range"] == "bytes=600000-"
    whole = tmp_path / "home/data/models/acme--tiny" / WEIGHTS
    assert whole.read_bytes() == hub.files[WEIGHTS]


def test_ten_cuts_and_two_kills_cost_hardly_a_byte(tmp_path: Path) -> None:
    outcome = ordeal(tmp_path, 8_000_000)
    assert outcome.right
    assert (outcome.cuts, outcome.kills) == (10, 2)
    assert outcome.fetched < 1.2


def test_a_missing_model_a_gate_and_the_switch_are_told_in_one_sentence(
    serve: Serve, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = serve()
    code, _, told = run(tmp_path, "get", "acme/missing", "--precision", "full")
    assert (code, "no model acme/missing" in told) == (1, True)
    hub.api_status.append((401, {"X-Error-Code": "GatedRepo"}))
    code, _, told = run(tmp_path, "get", "acme/tiny", "--precision", "full")
    assert (code, f"Accept it at {hub.url}/acme/tiny" in told) == (1, True)
    asked = len(hub.asked)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    code, _, told = run(tmp_path, "get", "acme/tiny", "--precision", "full")
    assert (code, "HF_HUB_OFFLINE" in told) == (1, True)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data/state.json").write_text('{"session": {"preferences": {"offline": true}}}')
    code, _, told = run(tmp_path, "get", "acme/tiny", "--precision", "full")
    assert (code, "Never use the network" in told) == (1, True)
    assert len(hub.asked) == asked
    assert not (tmp_path / "data/models.json").exists()


def test_what_is_worth_knowing_is_listed_without_the_network(
    serve: Serve, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = serve()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    code, out, _ = run(tmp_path, "browse", "flux", "--json")
    found = json.loads(out)["models"]
    assert code == 0
    assert {model["repo"].split("/")[0] for model in found} == {"black-forest-labs"}
    assert all(model["licence"] and model["good_for"] for model in found)
    code, out, _ = run(tmp_path, "browse", "inpainting")
    assert "stable-diffusion-inpainting" in out
    assert not hub.asked
