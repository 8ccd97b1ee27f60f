"""Reading pip: what it is doing, how far it is, and why it failed."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from pathlib import Path

from studio.bootstrap.progress import Progress

POLL = 0.5
"""Seconds between two looks at how many packages are unpacked: pip says nothing meanwhile."""

REASONS: tuple[tuple[str, str, str], ...] = (
    (
        r"No space left on device|Errno 28|WinError 112",
        "The disk is full.",
        "The environment needs about 3 GB (10 GB with CUDA); make room and start again.",
    ),
    (
        r"name resolution|getaddrinfo failed|Name or service not known|nodename nor servname"
        r"|NewConnectionError|Failed to establish|Network is unreachable|Connection refused"
        r"|ConnectTimeout|Read timed out|ProxyError|Cannot connect to proxy",
        "The packages cannot be downloaded: no network, or the package index does not answer.",
        "Connect, then start again; once it is installed no network is needed.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError",
        "The package index's certificate is not trusted here.",
        "Set PIP_CERT to the certificates of your network, then start again.",
    ),
    (
        r"Permission denied|Errno 13|WinError 5\b",
        "The environment cannot be written: permission denied.",
        "Make the folder writable, then start again.",
    ),
    (
        r"No matching distribution|ResolutionImpossible|requires a different Python",
        "There are no packages for this Python on this system in the pinned versions.",
        "Python 3.11, 3.12 and 3.13 on Linux, Windows and macOS (Apple silicon) are known to work.",
    ),
)


def reason(lines: Sequence[str]) -> tuple[str, str]:
    """Why pip failed, in one sentence, and what to do about it."""
    said = "\n".join(lines)
    for pattern, message, hint in REASONS:
        if re.search(pattern, said):
            return message, hint
    return "pip could not install the packages.", "Its last lines, above, say more."


class Reader:
    """Turns pip's lines into progress. `total`: how many packages are expected, about."""

    def __init__(self, progress: Progress, total: int, packages: Path) -> None:
        self._progress = progress
        self._total = total
        self._packages = packages
        self._seen: set[str] = set()
        self._unpacked = threading.Event()

    def line(self, line: str) -> None:
        """Take the next line of `pip install --progress-bar=raw`."""
        word, _, rest = line.strip().partition(" ")
        if word == "Progress" and (size := re.fullmatch(r"(\d+) of (\d+)", rest)):
            done, whole = (int(number) / 1e6 for number in size.groups())
            self._progress.update(f"{done:.0f} of {whole:.0f} MB")
        elif word == "Collecting":
            self._seen.add(re.split(r"[^\w.-]", rest, maxsplit=1)[0].lower())
            self._begin("finding", self._name(rest))
        elif word in ("Downloading", "Processing") or line.strip().startswith("Using cached"):
            file = rest.removeprefix("cached ").split(" (")[0].rsplit("/", 1)[-1]
            if file.endswith((".whl", ".tar.gz")):
                size_text = rest.rpartition(" (")[2].rstrip(")") if rest.endswith(")") else ""
                name = "-".join(file.split("-")[:2]).replace("-", " ", 1).removesuffix(".tar.gz")
                self._begin("fetching", f"{name}{f' ({size_text})' if size_text else ''}")
        elif line.startswith("Installing collected packages:"):
            self._unpack(len(line.partition(":")[2].split(",")))
        elif word == "Successfully":
            self._unpacked.set()

    def _begin(self, doing: str, what: str) -> None:
        total = max(self._total, len(self._seen))
        self._progress.begin(f"[{len(self._seen):2d} of {total}] {doing} {what}")

    @staticmethod
    def _name(requirement: str) -> str:
        return re.split(r"[ ;(<>=!~\[]", requirement, maxsplit=1)[0]

    def _unpack(self, count: int) -> None:
        """pip is silent while it unpacks; the folder tells how far it is."""
        self._progress.begin(f"unpacking {count} packages")
        before = self._installed()

        def watch() -> None:
            while not self._unpacked.wait(POLL):
                self._progress.update(f"{max(0, self._installed() - before)} of {count}")

        threading.Thread(target=watch, name="studio-setup-progress", daemon=True).start()

    def _installed(self) -> int:
        return sum(1 for _ in self._packages.glob("*.dist-info/RECORD"))
