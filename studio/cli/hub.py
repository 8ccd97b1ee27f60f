"""models browse and models get: what the hub has, and having it."""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from studio.cli.console import Console
from studio.core.amounts import amount, time_left
from studio.core.downloads import Listing, Precision
from studio.core.errors import CannotLoad
from studio.core.offline import never_use_network
from studio.library.folders import Folders
from studio.library.state import load_state
from studio.models.catalogue import Catalogue

if TYPE_CHECKING:
    from studio.models.hub.bring import Brought

# What needs the hub's client is imported inside the functions: a list must not wait for it.

EVERY = 0.2
"""Seconds between two changes of the progress line."""
PRECISIONS: dict[str, Precision] = {"fp16": "half", "full": "full"}

AddParser = Callable[..., argparse.ArgumentParser]


def add_actions(add: AddParser, json_too: Callable[[argparse.ArgumentParser], None]) -> None:
    """The words of the command line."""
    get = add("get", help="download a model from the Hugging Face hub; interrupted, it goes on")
    get.add_argument("subject", metavar="REPO", help="owner/name, or the address of its page")
    get.add_argument("--revision", default="", metavar="R", help="a branch, a tag or a commit")
    get.add_argument("--precision", choices=tuple(PRECISIONS), help="of the weights, if published")
    json_too(get)
    fetch = add("fetch-tokenizer", help="fetch what a single file lacks: clip, t5 or qwen")
    fetch.add_argument("subject", metavar="WORD")
    json_too(fetch)
    browse = add("browse", help="models worth knowing, with licence and size")
    browse.add_argument("words", nargs="*", metavar="WORDS", help="only those with these words")
    json_too(browse)


def get(args: argparse.Namespace, catalogue: Catalogue, console: Console) -> Brought:
    """Download a model. Raises BadInput, CannotLoad, CannotWrite."""
    from studio.models.hub.address import parse
    from studio.models.hub.bring import adopt, bring, known, usable
    from studio.models.hub.halt import Halt
    from studio.models.hub.repo import look
    from studio.models.hub.shelf import Shelf

    address = parse(args.subject, args.revision)
    _obey_preferences()
    for found in adopt(catalogue):
        console.say(f"Added {found.name}, which an earlier download had brought.")
    shelf, halt = Shelf(catalogue.downloads), Halt()
    whole = shelf.final(address.repo.replace("/", "--"))
    if whole.is_dir():
        return known(whole, catalogue)
    console.say(f"Looking up {address.repo} …")
    if args.precision:
        precision = PRECISIONS[args.precision]
    else:
        from studio.engine.machine import best_precision  # it loads torch

        precision = best_precision()
    listing = look(address, precision, usable, halt)
    if listing.problem:
        raise CannotLoad(f"{listing.repo} is not downloaded: {listing.problem}", "Choose another.")
    console.say(_plan(listing, shelf.arrived(listing)))
    try:
        return bring(listing, catalogue, halt, _Progress(listing, console).note)
    except KeyboardInterrupt:
        halt.set()
        console.say("Stopped; what has arrived is kept, and the same command goes on with it.")
        raise


def browse(args: argparse.Namespace, console: Console) -> None:
    """List what is recommended."""
    from studio.models.hub.curated import curated, matching

    found = matching(curated(), " ".join(args.words))
    rows = [
        f"{model.repo:<50} {model.size_text:<12} {model.licence}{' (gated)' if model.gated else ''}"
        f"\n    {model.good_for}"
        for model in found
    ]
    text = "\n".join(rows) or "None of them has these words; `models get` takes any owner/name."
    console.result({"models": [asdict(model) for model in found]}, text)


def fetch(args: argparse.Namespace, console: Console) -> None:
    """Fetch a tokenizer once. Raises BadInput, CannotLoad, CannotWrite."""
    from studio.models.hub.halt import Halt
    from studio.models.hub.tokenizers import fetch_tokenizer, tokenizer

    title, data = tokenizer(args.subject).title, Folders.default().data
    _obey_preferences()
    folder = fetch_tokenizer(args.subject, data, Halt(), lambda done, waiting: None)
    console.result({"fetched": str(folder)}, f"The {title} tokenizer is in {folder}.")


class _Progress:
    """The line that tells how far it is."""

    def __init__(self, listing: Listing, console: Console) -> None:
        from studio.models.hub.meter import Meter

        self._total, self._console = listing.total, console
        self._meter, self._lock, self._shown = Meter(), threading.Lock(), 0.0

    def note(self, done: int, waiting: str) -> None:
        with self._lock:
            self._meter.note(done)
            now = time.monotonic()
            if now - self._shown < EVERY and done < self._total and not waiting:
                return
            self._shown = now
            self._console.progress(waiting or self._text(done))

    def _text(self, done: int) -> str:
        speed = self._meter.speed()
        left = time_left(self._meter.left(self._total - done)) if done < self._total else "checked"
        parts = [
            f"{100 * done // max(1, self._total)} %",
            f"{amount(done)} of {amount(self._total)}",
            f"{amount(speed)}/s" if speed else "",
            left,
        ]
        return "  ".join(part for part in parts if part)


def _plan(listing: Listing, arrived: int) -> str:
    text = f"{len(listing.files)} files, {amount(listing.total)}"
    text = f"{listing.about}: {text}" if listing.about else text
    text += f", licence {listing.licence}" if listing.licence else ""
    return f"{text}; {amount(arrived)} of it are here." if arrived else f"{text}."


def _obey_preferences() -> None:
    session = load_state(Folders.default()).get("session")
    preferences = session.get("preferences") if isinstance(session, dict) else None
    if isinstance(preferences, dict) and preferences.get("offline") is True:
        never_use_network(True)
