"""Models on their way from the hub, as plain data: what could be fetched, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Precision = Literal["half", "full"]
"""half: weights of 16 bits where they are published beside those of 32."""

State = Literal["waiting", "going", "paused", "failed", "done"]


@dataclass(frozen=True)
class RemoteFile:
    """A file of a repository: `path` there, `name` here (relative, with slashes), `size` in bytes.

    `sha256` is known of large files, `git` (the sha1 that git names a file by) of the others.
    """

    path: str
    name: str
    size: int
    sha256: str = ""
    git: str = ""


@dataclass(frozen=True)
class Listing:
    """What would be downloaded: these files of `repo` ("owner/name") as they were at `commit`.

    `commit` names them for good, so that a download can go on weeks later. `gated`: the licence
    has to be accepted on `page` first. `licence` is the hub's word for it, "" if it has none.
    `problem`: why it could not be used, "" if nothing is known to be in the way.
    `precision` is what the files are, and `weights` the bytes of weights by part.
    """

    repo: str
    commit: str
    files: tuple[RemoteFile, ...]
    precision: Precision = "half"
    licence: str = ""
    gated: bool = False
    page: str = ""
    problem: str = ""
    revision: str = ""
    folder: str = ""
    """The name of its folder, if it is not that of the repository."""
    about: str = ""
    """What it is, if it is one file: "Stable Diffusion XL · LoRA · fp16"."""

    @property
    def total(self) -> int:
        """Bytes."""
        return sum(file.size for file in self.files)

    @property
    def weights(self) -> dict[str, int]:
        """Bytes of weights in each part."""
        found: dict[str, int] = {}
        for file in self.files:
            if file.name.endswith(".safetensors"):
                part = file.name.rpartition("/")[0]
                found[part] = found.get(part, 0) + file.size
        return found

    @property
    def id(self) -> str:
        """The name of its folder, and what its download is known by."""
        return self.folder or self.repo.replace("/", "--")


@dataclass(frozen=True)
class Download:
    """How far a download is: `done` of `total` bytes, `speed` in bytes a second.

    `left`: seconds, None while that is not known. `message`, `hint`: why it waits or failed.
    `model`: its name in the catalogue once it is done, if it is a model.
    """

    id: str
    repo: str
    state: State
    done: int = 0
    total: int = 0
    speed: float = 0.0
    left: float | None = None
    message: str = ""
    hint: str = ""
    model: str = ""


@dataclass(frozen=True)
class Machine:
    """What a model has to fit into, in bytes: the device's own memory (0 for a processor, which
    uses `ram`), and the free disk below the folder of downloads."""

    device: str
    memory: int
    ram: int
    disk: int
    half: bool = True
    """Whether it computes in 16 bits."""
    token: bool = False
    """Whether the person is logged in at the hub; the token itself goes nowhere."""


@dataclass(frozen=True)
class Downloading:
    """A download has changed."""

    download: Download
    run: str = ""


@dataclass(frozen=True)
class DownloadGone:
    """A download was cancelled, and what had arrived is deleted."""

    id: str
    run: str = ""


@dataclass(frozen=True)
class Listed:
    """What `asked` would download; `arrived` bytes of it are here, `free` on the disk."""

    asked: str
    listing: Listing
    arrived: int
    free: int
    run: str = ""


@dataclass(frozen=True)
class NotListed:
    """What `asked` could not be looked up, and what to do; `page` to do it at, if there is one."""

    asked: str
    message: str
    hint: str
    page: str = ""
    run: str = ""


@dataclass(frozen=True)
class Measured:
    """What the machine is."""

    machine: Machine = field(default_factory=lambda: Machine("cpu", 0, 0, 0))
    run: str = ""


HubEvent = Downloading | DownloadGone | Listed | NotListed | Measured
