"""Reading pip: what it is doing, how far it is, and why it failed."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from pathlib import Path

from studio.bootstrap.progress import Progress

POLL = 0.5
"""Seconds between two looks at how many packages are unpacked: pip says nothing meanwhile."""

NO_NETWORK = (
    "The packages cannot be downloaded: no network, or the package index does not answer.",
    "Connect, then start again; once it is installed no network is needed.",
)

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
        *NO_NETWORK,
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
        "They are made for Python 3.11 to 3.13 on Linux, Windows and macOS (Apple silicon).",
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
            self._progress.update(f"then {self._name(rest)}")
        elif word in ("Downloading", "Processing") or line.strip().startswith("Using cached"):
            self._fetch(rest.removeprefix("cached "))
        elif line.startswith("Installing collected packages:"):
            self._unpack(len(line.partition(":")[2].split(",")))

    def close(self) -> None:
        """pip has ended, well or not."""
        self._unpacked.set()

    def _fetch(self, what: str) -> None:
        """A wheel's address or path, perhaps with its size: `https://…/torch-2.13.0-….whl (9 MB)`.

        pip also fetches `….whl.metadata`, which is too small to tell of.
        """
        address, _, size = what.partition(" (")
        file = re.fullmatch(r"(?:.*[/\\])?([^-/\\]+)-([^-]+)(-.*\.whl|\.tar\.gz)", address)
        if file:
            name, version, _ = file.groups()
            self._seen.add(name.lower())
            total = max(self._total, len(self._seen))
            how_big = f" ({size}" if size.endswith("B)") else ""
            self._progress.begin(f"{len(self._seen)} of {total}: {name} {version}{how_big}")

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
