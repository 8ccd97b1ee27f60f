"""A hub on loopback, over real sockets, with everything that can be wrong with one.

`python -m tests.models.hub.server` is not needed: tests and benchmarks start it in a thread.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PIECE = 1 << 16


@dataclass
class Fault:
    """What goes wrong with one answer to a request for a file.

    `cut`: the line breaks after so many bytes. `stall`: it stays open then, without another byte,
    for so many seconds. `length`: lies about the body's length. `status`: instead of the file.
    """

    cut: int | None = None
    stall: float = 0.0
    length: int | None = None
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


class Hub(ThreadingHTTPServer):
    """Serves `files` as `repo`. `faults` are used up one a request, by the file's path."""

    daemon_threads = True

    def __init__(self, files: Mapping[str, bytes], repo: str = "acme/tiny") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.repo, self.files = repo, dict(files)
        self.faults: dict[str, deque[Fault]] = {}
        self.told_sizes: dict[str, int] = {}
        """Sizes that the listing lies about."""
        self.info: dict[str, object] = {}
        """More of what the listing says."""
        self.api_status: deque[tuple[int, dict[str, str]]] = deque()
        self.refuse: tuple[int, dict[str, str]] | None = None
        """What every request for a file is answered with."""
        self.ranges = self.etags = True
        self.elsewhere = ""
        """Where files are sent from, as the hub does with large ones."""
        self.speed: float | None = None
        """Bytes a second."""
        self.sent = 0
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.lock = Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def handle_error(self, request: object, address: object) -> None:
        """Clients that hang up are what is tested here."""


class Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        hub, path = self.server, self.path.partition("?")[0]
        with hub.lock:
            hub.asked.append((path, {k.lower(): v for k, v in self.headers.items()}))
        if path.startswith("/api/models/"):
            self._listing(path)
        elif match := re.fullmatch(rf"/{re.escape(hub.repo)}/resolve/[^/]+/(.+)", path):
            self._file(match[1])
        else:
            self._short(404, b"{}", {"X-Error-Code": "RepoNotFound"})

    def _listing(self, path: str) -> None:
        hub = self.server
        if hub.api_status:
            status, headers = hub.api_status.popleft()
            return self._short(status, b"{}", headers)
        name, _, revision = path.removeprefix("/api/models/").partition("/revision/")
        if name != hub.repo:
            return self._short(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        if revision == "missing":
            return self._short(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        siblings = [self._entry(path, data) for path, data in hub.files.items()]
        info = {"id": hub.repo, "sha": COMMIT, "gated": False, "siblings": siblings}
        self._short(200, json.dumps(info | hub.info).encode())

    def _entry(self, path: str, data: bytes) -> dict[str, object]:
        size = self.server.told_sizes.get(path, len(data))
        git = hashlib.sha1(f"blob {len(data)}\0".encode() + data).hexdigest()
        entry: dict[str, object] = {"rfilename": path, "size": size, "blobId": git}
        if path.endswith(".safetensors"):
            entry["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": size}
        return entry

    def _file(self, name: str) -> None:
        hub = self.server
        if hub.elsewhere:
            return self._short(302, b"", {"Location": f"{hub.elsewhere}{self.path}?signature=1"})
        with hub.lock:
            waiting = hub.faults.get(name)
            fault = waiting.popleft() if waiting else Fault()
        if hub.refuse:
            return self._short(*hub.refuse[:1], b"{}", hub.refuse[1])
        if fault.status:
            return self._short(fault.status, b"{}", fault.headers)
        data = hub.files[name]
        etag = f'"{hashlib.sha256(data).hexdigest()}"'
        start = self._start(len(data), etag)
        if start is not None and start >= len(data):
            return self._short(416, b"", {"Content-Range": f"bytes */{len(data)}"})
        body = data[start or 0 :]
        self.send_response(200 if start is None else 206)
        if start is not None:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(fault.length or len(body)))
        if hub.etags:
            self.send_header("ETag", etag)
        self.end_headers()
        self._body(body if fault.cut is None else body[: fault.cut])
        if fault.cut is not None or fault.length is not None:
            time.sleep(fault.stall)
            self.close_connection = True

    def _start(self, size: int, etag: str) -> int | None:
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if not wanted or not self.server.ranges:
            return None
        return None if self.headers.get("If-Range", etag) != etag else int(wanted[1])

    def _body(self, body: bytes) -> None:
        for at in range(0, len(body), PIECE):
            piece = body[at : at + PIECE]
            if self.server.speed:
                time.sleep(len(piece) / self.server.speed)
            self.wfile.write(piece)
            with self.server.lock:
                self.server.sent += len(piece)

    def _short(self, status: int, data: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """The hub, answering until the end of the block."""
    thread = Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        thread.join()
        hub.server_close()
