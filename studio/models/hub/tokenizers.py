"""The tokenizers that single files come without, fetched once where a person asks for it.

A few megabytes each, from their makers' own repositories, by the same way as a model: whole or
not at all, each file's hash checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from studio.core.errors import BadInput, CannotLoad
from studio.models.hub.address import Address
from studio.models.hub.download import Tell, download
from studio.models.hub.halt import Halt
from studio.models.hub.line import Line
from studio.models.hub.repo import contents
from studio.models.hub.shelf import Shelf


@dataclass(frozen=True)
class Tokenizer:
    """`files` lie in `folder` of `repo`."""

    title: str
    repo: str
    folder: str
    files: tuple[str, ...]


TOKENIZERS: Mapping[str, Tokenizer] = {
    "clip": Tokenizer("CLIP", "openai/clip-vit-large-patch14", "", ("vocab.json", "merges.txt")),
    "t5": Tokenizer("T5", "google/t5-v1_1-xxl", "", ("spiece.model",)),
    "qwen": Tokenizer(
        "Qwen",
        "Tongyi-MAI/Z-Image-Turbo",
        "tokenizer/",
        ("tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt"),
    ),
}
"""None of these repositories asks for a login."""
REQUIRED = ("vocab.json", "spiece.model", "tokenizer_config.json")


def tokenizer(word: str) -> Tokenizer:
    """The tokenizer of that name. Raises BadInput."""
    if word not in TOKENIZERS:
        raise BadInput(f"There is no tokenizer {word}.", f"There is: {', '.join(TOKENIZERS)}.")
    return TOKENIZERS[word]


def fetch_tokenizer(word: str, data: Path, halt: Halt, tell: Tell) -> Path:
    """The folder with its files, `data`/tokenizers/`word`; at once if it is there already.

    Raises BadInput, CannotLoad, CannotWrite, Cancelled.
    """
    wanted, shelf = tokenizer(word), Shelf(data / "tokenizers")
    if shelf.final(word).is_dir():
        return shelf.final(word)
    with closing(Line(wanted.repo)) as line:
        listing, files = contents(line, Address(wanted.repo), halt)
    names = {f"{wanted.folder}{name}": name for name in wanted.files}
    chosen = tuple(replace(file, name=names[file.path]) for file in files if file.path in names)
    missing = set(wanted.files) & set(REQUIRED) - {file.name for file in chosen}
    if missing:
        raise CannotLoad(
            f"{wanted.repo} no longer has {', '.join(sorted(missing))}.",
            "Add a folder in diffusers' format, which has its own.",
        )
    folder = download(replace(listing, files=chosen, folder=word), shelf, halt, tell)
    shelf.known(word)
    return folder
