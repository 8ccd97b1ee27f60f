"""What a person writes or pastes, as the name of a repository."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from studio.core.errors import BadInput

NAME = re.compile(r"[A-Za-z0-9_][\w.-]{0,95}/[A-Za-z0-9_][\w.-]{0,95}", re.ASCII)
PLACES = ("blob", "resolve", "tree", "raw")


@dataclass(frozen=True)
class Address:
    """`file`: one checkpoint of a repository that holds several, "" for all that is needed."""

    repo: str
    revision: str = ""
    file: str = ""


def parse(text: str, revision: str = "") -> Address:
    """owner/name, owner/name/file.safetensors, or the address of a page of the hub.

    Raises BadInput.
    """
    words = text.strip()
    if "://" in words:
        words = urlsplit(words).path
    # Taken apart first: a branch may have slashes in its name, which are escaped in an address.
    parts = [unquote(part) for part in words.split("/") if part]
    repo, rest = "/".join(parts[:2]), parts[2:]
    if not NAME.fullmatch(repo) or ".." in unquote(words):
        raise BadInput(f"{text.strip()} is not the name of a model.", "Write it as owner/name.")
    if rest and rest[0] in PLACES:
        revision = revision or (rest[1] if len(rest) > 1 else "")
        rest = rest[2:]
    file = "/".join(rest)
    if file and not file.endswith(".safetensors"):
        raise BadInput(
            f"{file} is not a file of weights that can be opened safely.",
            "Write owner/name, or owner/name/file.safetensors.",
        )
    return Address(repo, revision, file)
