"""Downloads against a server on loopback that speaks as much of the hub's language as needed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.tiny import make_tiny

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """Serves `folder` as acme/tiny; acme/gated asks for a licence; nothing else is there."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        self.files["unet/diffusion_pytorch_model.fp16.safetensors"] = b"not wanted"
        self.files["setup.py"] = b"raise SystemExit('never run')"
        self.asked: list[str] = []
        self.breaks_off = False
        """Whether the line goes dead in the middle of large files."""


class Handler(BaseHTTPRequestHandler):
    server: Hub

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, body: bool) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/api/models/acme/tiny/tree/"):
            return self._send(200, json.dumps(self._tree()).encode(), body)
        if path.startswith("/api/models/acme/tiny"):
            siblings = [{"rfilename": name} for name in self.server.files]
            info = {"id": "acme/tiny", "sha": COMMIT, "siblings": siblings}
            return self._send(200, json.dumps(info).encode(), body)
        if path.startswith("/acme/tiny/resolve/"):
            name = path.split("/", 5)[5]
            self.server.asked.append(name)
            return self._send(200, self.server.files[name], body)
        if path.startswith("/api/models/acme/gated"):
            return self._send(403, b"{}", body, {"X-Error-Code": "GatedRepo"})
        return self._send(404, b"{}", body, {"X-Error-Code": "RepoNotFound"})

    def _tree(self) -> list[dict[str, object]]:
        return [
            {"type": "file", "path": name, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
            for name, data in self.server.files.items()
        ]

    def _send(
        self, code: int, data: bytes, body: bool, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", f'"{hashlib.sha1(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if body and self.server.breaks_off and len(data) > 20_000:
            self.wfile.write(data[:100])
            self.close_connection = True
        elif body:
            self.wfile.write(data)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    server = Hub(make_tiny(tmp_path / "served"))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def get(hub: Hub, home: Path, repo: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "HF_ENDPOINT": f"http://127.0.0.1:{hub.server_port}",
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DOWNLOAD_TIMEOUT": "5",
        "STUDIO_HOME": str(home),
    }
    # The hub's client rests a second before each of its five further attempts.
    code = (
        "import sys, time; time.sleep = lambda seconds: None; from studio.cli import main; "
        f"sys.exit(main(['models', 'get', {repo!r}]))"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment | more,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def test_a_model_is_downloaded_without_what_is_not_needed(hub: Hub, tmp_path: Path) -> None:
    done = get(hub, tmp_path / "home", "acme/tiny")
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "home/data/models/acme--tiny"
    assert (folder / "unet/diffusion_pytorch_model.safetensors").is_file()
    assert not [name for name in hub.asked if "fp16" in name or name.endswith(".py")]
    assert not list(folder.parent.glob("*.part"))
    models = json.loads((tmp_path / "home/data/models.json").read_text())
    assert models == {"acme--tiny": str(folder)}


@pytest.mark.parametrize(
    ("repo", "word"), [("acme/gated", "licence"), ("acme/missing", "no model acme/missing")]
)
def test_what_cannot_be_had_is_said_in_one_sentence(
    hub: Hub, tmp_path: Path, repo: str, word: str
) -> None:
    done = get(hub, tmp_path / "home", repo)
    assert done.returncode == 1
    assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home/data/models.json").exists()


def test_a_line_that_goes_dead_is_told_in_one_sentence(hub: Hub, tmp_path: Path) -> None:
    hub.breaks_off = True
    done = get(hub, tmp_path / "home", "acme/tiny")
    assert done.returncode == 1
    assert "could not be downloaded" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home/data/models.json").exists()


def test_offline_is_obeyed(hub: Hub, tmp_path: Path) -> None:
    done = get(hub, tmp_path / "home", "acme/tiny", HF_HUB_OFFLINE="1")
    assert done.returncode == 1
    assert "HF_HUB_OFFLINE" in done.stderr
    assert not hub.asked
