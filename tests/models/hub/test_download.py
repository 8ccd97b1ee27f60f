"""Downloads from a real server on loopback that cuts, stalls, truncates, lies and refuses."""

from __future__ import annotations

import shutil
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.core.downloads import Listing
from studio.core.errors import Cancelled, CannotLoad, CannotWrite, StudioError
from studio.core.offline import never_use_network
from studio.models.files.scan import scan
from studio.models.hub import line, patience
from studio.models.hub.address import parse
from studio.models.hub.bring import usable
from studio.models.hub.download import download
from studio.models.hub.halt import Halt
from studio.models.hub.repo import look
from studio.models.hub.shelf import NOTE, Shelf
from tests.models.hub.conftest import WEIGHTS, content, model
from tests.models.hub.server import Fault, Hub

Serve = Callable[..., Hub]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "models")


def listed(text: str = "acme/tiny") -> Listing:
    return look(parse(text), "half", usable, Halt())


def silent(done: int, waiting: str) -> None:
    pass


def get(shelf: Shelf) -> Path:
    return download(listed(), shelf, Halt(), silent)


def check(folder: Path, hub: Hub) -> None:
    """All that was chosen is there, as it is on the hub, and nothing else."""
    here = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    wanted = set(hub.files) - {"README.md", "setup.py"}
    assert set(here) - {NOTE} == wanted
    assert all(here[name].read_bytes() == hub.files[name] for name in wanted)


def of(hub: Hub, name: str = WEIGHTS) -> list[dict[str, str]]:
    """The headers of every request for a file."""
    return [headers for path, headers in hub.asked if path.endswith(f"/{name}")]


def test_only_what_is_needed_comes_and_is_shown_when_all_is_there(
    serve: Serve, shelf: Shelf
) -> None:
    hub = serve()
    seen: list[int] = []
    folder = download(listed(), shelf, Halt(), lambda done, _: seen.append(done))
    check(folder, hub)
    assert folder == shelf.final("acme--tiny")
    assert max(seen) == sum(len(hub.files[n]) for n in set(hub.files) - {"README.md", "setup.py"})
    assert not shelf.part("acme--tiny").exists()
    assert not [path for path in hub.paths() if path.endswith((".py", ".md"))]


def test_ten_cuts_cost_no_byte_twice(serve: Serve, shelf: Shelf) -> None:
    hub = serve()
    hub.faults[WEIGHTS] = deque(Fault(cut=size) for size in range(20_000, 220_000, 20_000))
    check(get(shelf), hub)
    requests = of(hub)
    assert len(requests) == 11
    assert all("if-range" in headers and "range" in headers for headers in requests[1:])
    assert hub.sent < 1.05 * sum(map(len, hub.files.values()))


def test_a_stalled_line_is_given_up_and_gone_on_with(serve: Serve, shelf: Shelf) -> None:
    hub = serve()
    hub.faults[WEIGHTS] = deque([Fault(cut=300_000, stall=60.0)])
    check(get(shelf), hub)
    assert of(hub)[1]["range"] == "bytes=300000-"


@pytest.mark.parametrize("length", [len(model()[WEIGHTS]) + 999, 1000])
def test_a_length_that_lies_is_found_out(serve: Serve, shelf: Shelf, length: int) -> None:
    hub = serve()
    hub.faults[WEIGHTS] = deque([Fault(length=length)])
    check(get(shelf), hub)


def test_a_listing_that_lies_about_a_size_is_told(serve: Serve, shelf: Shelf) -> None:
    hub = serve()
    hub.told_sizes[WEIGHTS] = 1000
    with pytest.raises(CannotLoad, match="in another size than it says"):
        get(shelf)
    assert not shelf.final("acme--tiny").exists()


def test_a_server_without_ranges_begins_again(serve: Serve, shelf: Shelf) -> None:
    hub = serve()
    hub.ranges = False
    hub.faults[WEIGHTS] = deque([Fault(cut=100_000)])
    check(get(shelf), hub)


def test_a_line_that_breaks_in_the_same_place_comes_to_an_end(serve: Serve, shelf: Shelf) -> None:
    hub = serve()
    hub.ranges = False
    hub.faults[WEIGHTS] = deque([Fault(cut=100_000)] * 50)
    with pytest.raises(CannotLoad, match="broke, 8 times in a row") as caught:
        get(shelf)
    assert "kept" in caught.value.hint
    assert len(of(hub)) == patience.TRIES


@pytest.mark.parametrize("etags", [True, False])
def test_a_file_that_changes_in_between_is_not_mixed(
    serve: Serve, shelf: Shelf, etags: bool
) -> None:
    hub = serve()
    hub.etags = etags
    listing, new = listed(), hub.files[WEIGHTS]
    hub.files[WEIGHTS] = content(len(new), 99)
    hub.faults[WEIGHTS] = deque([Fault(cut=500_000), *[Fault(status=503)] * patience.TRIES])
    with pytest.raises(CannotLoad, match="busy"):
        download(listing, shelf, Halt(), silent)
    hub.files[WEIGHTS] = new
    hub.faults.clear()
    check(download(listing, shelf, Halt(), silent), hub)


def test_a_file_that_arrives_damaged_is_fetched_once_more_and_then_told(
    serve: Serve, shelf: Shelf
) -> None:
    hub = serve()
    listing = listed()
    hub.files[WEIGHTS] = content(len(hub.files[WEIGHTS]), 99)
    with pytest.raises(CannotLoad, match="damaged twice"):
        download(listing, shelf, Halt(), silent)
    assert len(of(hub)) == 2
    assert not shelf.final("acme--tiny").exists()
    hub.files[WEIGHTS] = model()[WEIGHTS]
    check(download(listing, shelf, Halt(), silent), hub)


def test_a_small_file_is_checked_by_its_name_in_git(serve: Serve, shelf: Shelf) -> None:
    hub = serve()
    listing = listed()
    hub.files["unet/config.json"] = b"x" * len(hub.files["unet/config.json"])
    with pytest.raises(CannotLoad, match=r"unet/config.json has arrived damaged"):
        download(listing, shelf, Halt(), silent)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_hub_is_asked_again_when_it_says(serve: Serve, shelf: Shelf, status: int) -> None:
    hub = serve()
    hub.api_status.append((status, {}))
    hub.faults[WEIGHTS] = deque([Fault(status=status, headers={"Retry-After": "1"})])
    told: list[str] = []
    began = time.monotonic()
    folder = download(listed(), shelf, Halt(), lambda _, waiting: told.append(waiting))
    assert time.monotonic() - began >= 1.0
    check(folder, hub)
    assert "The hub is busy; trying again" in told


def test_an_hour_is_not_waited_for(serve: Serve, shelf: Shelf) -> None:
    hub = serve()
    hub.faults[WEIGHTS] = deque([Fault(status=429, headers={"Retry-After": "3600"})])
    with pytest.raises(CannotLoad, match="asks to wait 60 minutes"):
        get(shelf)


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (401, "GatedRepo", "acme/tiny asks for its licence to be accepted"),
        (403, "GatedRepo", "acme/tiny asks for its licence to be accepted"),
        (401, "RepoNotFound", "There is no model acme/tiny on the hub, or it is private"),
        (404, "RepoNotFound", "There is no model acme/tiny on the hub, or it is private"),
        (404, "EntryNotFound", "no longer has the file"),
        (403, "", "The hub does not let you have acme/tiny"),
        (451, "", "was taken off the hub"),
    ],
)
def test_a_refusal_is_one_sentence_with_what_to_do(
    serve: Serve, shelf: Shelf, status: int, code: str, words: str
) -> None:
    hub = serve()
    listing = listed()
    hub.refuse = (status, {"X-Error-Code": code})
    with pytest.raises(CannotLoad, match=words) as caught:
        download(listing, shelf, Halt(), silent)
    assert caught.value.hint
    if code == "GatedRepo":
        assert f"{hub.url}/acme/tiny" in caught.value.hint
    assert not shelf.final("acme--tiny").exists()


def test_the_login_goes_to_the_hub_and_to_nobody_else(
    serve: Serve, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere, hub = serve(main=False), serve()
    hub.elsewhere = elsewhere.url
    monkeypatch.setenv("HF_TOKEN", "hf_secretword")
    netrc = Path.home() / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password other_secret")
    netrc.chmod(0o600)
    elsewhere.faults[WEIGHTS] = deque([Fault(cut=1000)])
    folder = get(shelf)
    check(folder, hub)
    assert all(headers["authorization"] == "Bearer hf_secretword" for _, headers in hub.asked)
    assert elsewhere.asked
    assert not [headers for _, headers in elsewhere.asked if "authorization" in headers]
    assert not any(b"secretword" in p.read_bytes() for p in shelf.folder.rglob("*") if p.is_file())


def test_a_login_is_not_renewed_without_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def renew() -> str:
        raise AssertionError("the library was asked, which may ask the network")

    monkeypatch.setattr("huggingface_hub.get_token", renew)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert line.token() == ""
    monkeypatch.setenv("HF_TOKEN", "hf_secretword")
    assert line.logged_in()


def test_an_address_that_has_run_out_is_asked_for_again(serve: Serve, shelf: Shelf) -> None:
    elsewhere, hub = serve(main=False), serve()
    hub.elsewhere = elsewhere.url
    elsewhere.faults[WEIGHTS] = deque([Fault(cut=100_000), Fault(status=403), Fault(status=404)])
    check(get(shelf), hub)
    assert len(of(hub)) == len(of(elsewhere)) == 4


def test_no_secret_is_in_an_error(
    serve: Serve, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere, hub = serve(main=False), serve()
    monkeypatch.setenv("HF_TOKEN", "hf_secretword")
    listing = listed()
    hub.elsewhere = elsewhere.url
    elsewhere.faults[WEIGHTS] = deque([Fault(cut=10)] * 50)
    elsewhere.ranges = False
    with pytest.raises(CannotLoad) as caught:
        download(listing, shelf, Halt(), silent)
    text = "".join(traceback.format_exception(caught.value))
    assert "secretword" not in text
    assert "signature" not in text


@pytest.mark.parametrize("by_preference", [True, False])
def test_offline_is_obeyed_from_the_moment_it_is_set(
    serve: Serve, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, by_preference: bool
) -> None:
    hub = serve()
    listing = listed()
    before = len(hub.asked)
    if by_preference:
        never_use_network(True)
    else:
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    try:
        with pytest.raises(StudioError, match="preferences" if by_preference else "HF_HUB_OFFLINE"):
            download(listing, shelf, Halt(), silent)
        with pytest.raises(StudioError, match="not used"):
            listed()
    finally:
        never_use_network(False)
    assert len(hub.asked) == before
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    check(download(listing, shelf, Halt(), silent), hub)


def test_what_is_half_there_is_no_model(serve: Serve, shelf: Shelf) -> None:
    hub = serve()
    hub.faults[WEIGHTS] = deque([Fault(cut=1000), Fault(status=403)])
    with pytest.raises(CannotLoad):
        get(shelf)
    assert (shelf.part("acme--tiny") / "model_index.json").is_file()
    assert list(scan(shelf.folder)) == []
    get(shelf)
    assert [found.path.name for found in scan(shelf.folder)] == ["acme--tiny"]


def test_a_download_is_cancelled_in_the_middle_and_goes_on(
    serve: Serve, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "STALL", 60.0)
    hub = serve()
    hub.faults[WEIGHTS] = deque([Fault(cut=1 << 20, stall=60.0)])
    halt, listing, ended = Halt(), listed(), threading.Event()

    def work() -> None:
        with pytest.raises(Cancelled):
            download(listing, shelf, halt, silent)
        ended.set()

    thread = threading.Thread(target=work, name="studio-test")
    thread.start()
    while shelf.arrived(listing) < 1 << 20:
        time.sleep(0.005)
    halt.set()
    # Long before the line would be given up for dead: its socket is shut down.
    assert ended.wait(20.0)
    thread.join()
    assert shelf.unfinished() == [listing]
    check(download(listing, shelf, Halt(), silent), hub)
    assert hub.sent <= sum(map(len, hub.files.values())) + (1 << 20)


def test_two_at_once_are_kept_apart(serve: Serve, shelf: Shelf) -> None:
    serve()
    with shelf.alone("acme--tiny"), pytest.raises(CannotWrite, match="being downloaded already"):
        get(shelf)


def test_too_little_disk_is_told_before_a_byte_is_fetched(
    serve: Serve, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = serve()
    listing = listed()
    usage = shutil.disk_usage(shelf.folder.parent)._replace(free=300 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    check(download(listing, shelf, Halt(), silent), hub)
    shutil.rmtree(shelf.folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1 << 20))
    sent = hub.sent
    with pytest.raises(CannotWrite, match=r"needs 3 MB more, and 1 MB are free"):
        download(listing, shelf, Halt(), silent)
    assert hub.sent == sent


def test_a_full_disk_in_the_middle_is_told(
    serve: Serve, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.models.hub import incomplete

    hub = serve()
    listing = listed()

    def full(self: incomplete.Incomplete, chunk: bytes) -> None:
        raise incomplete.cannot_write(self.path, OSError(28, "No space left on device"))

    with monkeypatch.context() as patched:
        patched.setattr(incomplete.Incomplete, "write", full)
        with pytest.raises(CannotWrite, match="no room left"):
            download(listing, shelf, Halt(), silent)
    check(download(listing, shelf, Halt(), silent), hub)


def test_a_revision_that_moves_on_keeps_what_has_not_changed(serve: Serve, shelf: Shelf) -> None:
    hub = serve()
    hub.faults["vae/diffusion_pytorch_model.safetensors"] = deque([Fault(status=404)])
    with pytest.raises(CannotLoad):
        get(shelf)
    while not (shelf.part("acme--tiny") / WEIGHTS).is_file():
        hub.faults["vae/diffusion_pytorch_model.safetensors"] = deque([Fault(status=503)] * 20)
        with pytest.raises(CannotLoad):
            get(shelf)
    hub.faults.clear()
    hub.files["unet/config.json"] = b'{"changed": 1}'
    before = len(of(hub))
    check(get(shelf), hub)
    assert len(of(hub)) == before
