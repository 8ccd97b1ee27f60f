"""What a repository of the hub holds, and what of it would be downloaded."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import quote

from studio.core.downloads import Listing, Precision, RemoteFile
from studio.core.errors import CannotLoad
from studio.models.hub.address import Address
from studio.models.hub.choosing import INDEX, choose_checkpoint, choose_parts, parts_of
from studio.models.hub.curated import revision_of
from studio.models.hub.glimpse import about, glimpse, problem
from studio.models.hub.halt import Halt
from studio.models.hub.line import Line, page_of
from studio.models.hub.patience import Patience
from studio.models.hub.refusals import Broken

T = TypeVar("T")
TRIES = 3
"""A person is waiting for the answer."""
LARGEST_INDEX = 1 << 20
Usable = Callable[[Mapping[str, str]], str]
"""From a model's parts, why it cannot be used; "" if it can."""


def look(address: Address, precision: Precision, usable: Usable, halt: Halt) -> Listing:
    """What downloading it would fetch. Raises CannotLoad, Refused, Cancelled.

    The revision is a branch, a tag or a commit; the listing names the commit it is now.
    """
    if not address.revision:
        address = replace(address, revision=revision_of(address.repo))
    with closing(Line(address.repo)) as line:
        return _look(line, address, precision, usable, halt)


def _look(
    line: Line, address: Address, precision: Precision, usable: Usable, halt: Halt
) -> Listing:
    listing, files = contents(line, address, halt)
    listing = replace(listing, precision=precision)
    commit = listing.commit
    index = next((file for file in files if file.path == INDEX), None)
    if index is None or address.file:
        chosen = _named(address.repo, lambda: choose_checkpoint(files, address.file))
        seen = _patiently(lambda: glimpse(line, commit, chosen[0], halt), halt)
        return replace(listing, files=chosen, about=about(seen), problem=problem(seen))
    parts = parts_of(_patiently(lambda: _read(line, commit, index), halt))
    chosen = _named(address.repo, lambda: choose_parts(files, parts, precision))
    return replace(listing, files=chosen, problem=usable(parts))


def contents(line: Line, address: Address, halt: Halt) -> tuple[Listing, list[RemoteFile]]:
    """What the hub says of a repository, with no file chosen yet, and all its files.

    Raises CannotLoad, Refused, Cancelled.
    """
    revision = f"/revision/{quote(address.revision, safe='')}" if address.revision else ""
    info = _patiently(lambda: line.api(f"models/{address.repo}{revision}?blobs=true"), halt)
    if not isinstance(info, dict) or not isinstance(info.get("siblings"), list):
        raise CannotLoad(f"What the hub says about {address.repo} cannot be read.", "Try later.")
    files = [file for file in map(_file, info["siblings"]) if file is not None]
    commit = str(info.get("sha") or address.revision or "main")
    listing = Listing(
        address.repo,
        commit,
        (),
        "full",
        _licence(info),
        info.get("gated") not in (None, False),
        page_of(address.repo),
        revision=address.revision,
    )
    return listing, files


def _named(repo: str, choose: Callable[[], T]) -> T:
    """Have an error say of what it speaks."""
    try:
        return choose()
    except CannotLoad as error:
        raise CannotLoad(f"{repo}: {error.message}", error.hint) from error


def _patiently(ask: Callable[[], T], halt: Halt) -> T:
    patience = Patience(TRIES, "Check the network and try again.")
    while True:
        halt.check()
        try:
            return ask()
        except Broken as broken:
            patience.wait(broken, halt)


def _read(line: Line, commit: str, file: RemoteFile) -> dict[str, Any]:
    answer = line.file(commit, file.path)
    data = b""
    try:
        for chunk in answer.chunks():
            data += chunk
            if len(data) > LARGEST_INDEX:
                break
    finally:
        answer.close()
    if len(data) != file.size:
        raise Broken("The line to the hub broke")
    try:
        found = json.loads(data)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise CannotLoad(f"Its {INDEX} is damaged.", "Choose another model.")
    return found


def _file(entry: object) -> RemoteFile | None:
    """A file as the API tells of it; None for one that cannot be, or should not be, written."""
    if not isinstance(entry, dict):
        return None
    path, lfs = entry.get("rfilename"), entry.get("lfs")
    large = lfs if isinstance(lfs, dict) else {}
    size = large.get("size", entry.get("size"))
    if not isinstance(path, str) or not _safe(path) or not isinstance(size, int) or size < 0:
        return None
    sha256, git = str(large.get("sha256") or ""), str(entry.get("blobId") or "")
    return RemoteFile(path, path, size, sha256, "" if sha256 else git)


def _safe(path: str) -> bool:
    """Whether it stays inside its folder, on every system."""
    parts = path.split("/")
    return (
        len(path) < 200
        and path.isprintable()
        and not set(path) & set('\\:*?"<>|')
        and not any(part in ("", ".", "..") or part.startswith(".") for part in parts)
    )


def _licence(info: Mapping[str, Any]) -> str:
    card = info.get("cardData")
    card = card if isinstance(card, dict) else {}
    name = card.get("license_name") or card.get("license")
    if isinstance(name, str) and name:
        return name
    tags = info.get("tags")
    found = [str(tag) for tag in tags if str(tag).startswith("license:")] if tags else []
    return found[0].removeprefix("license:") if found else ""
