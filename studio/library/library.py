"""What has been made: pictures saved at once, their sources kept, and the history of them."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from studio.core.errors import BadInput, CannotOpen, CannotWrite
from studio.core.original import Original
from studio.core.picture import Mask, Picture
from studio.core.record import Asset, Record
from studio.core.saving import SUFFIXES, Saving
from studio.imaging.encoding import encode, png_pieces
from studio.imaging.metadata import read_record, texts
from studio.imaging.opening import open_picture
from studio.library.assets import Assets
from studio.library.atomic import cannot_write, make_folder, sweep, write, write_new
from studio.library.folders import Folders
from studio.library.index import Index, Row
from studio.library.names import dated
from studio.library.runs import Runs
from studio.library.thumbnails import thumbnail
from studio.library.unfinished import Unfinished, unfinished


@dataclass(frozen=True)
class Entry:
    """A picture of the history. `created`: seconds since 1970. `thumbnail`: a JPEG ≤ 256 px."""

    id: int
    path: Path
    created: float
    record: Record
    thumbnail: bytes


@dataclass(frozen=True)
class Removed:
    """A picture taken out of the history; `kept` is where its file is, if it was moved."""

    id: int
    path: Path
    kept: Path | None = None


class Library:
    """May be used from any thread, and by several processes at once.

    The picture files are the truth. The index is caught up with them when the history is first
    asked for, so a crash, a deleted index or another program's work loses nothing.
    """

    def __init__(self, folders: Folders) -> None:
        self.folders = folders
        self._pictures = folders.pictures.absolute()
        self.runs = Runs(folders.runs)
        self._assets = Assets(folders.assets)
        self._spare = Assets(folders.spare)
        self._index = Index(folders.index)
        self._caught_up: int | None = None
        self._catching_up = threading.Lock()

    def keep(self, item: Picture | Mask, name: str = "") -> Asset:
        """Keep a source picture or mask, once however often it is used. Raises CannotWrite."""
        return self._assets.keep(item, name)

    def asset_picture(self, asset: Asset) -> Picture:
        """Raises CannotOpen if it is gone or damaged."""
        return self._assets.picture(asset)

    def asset_mask(self, asset: Asset) -> Mask:
        """Raises CannotOpen if it is gone or damaged."""
        return (self._assets if self._assets.has(asset) else self._spare).mask(asset)

    def spare(self, masks: Sequence[Mask]) -> list[Asset]:
        """Keep these masks for `asset_mask` until the next ones come. Raises CannotWrite."""
        kept = [self._spare.keep(mask, "mask") for mask in masks]
        self._spare.forget(kept)
        return kept

    def save(
        self,
        picture: Picture,
        record: Record,
        path: Path | None = None,
        saving: Saving | None = None,
        original: Original | None = None,
    ) -> Path:
        """Save the picture with its record and return where: on disk when this returns.

        Without a path it gets a new name in the pictures folder; a given path is replaced, and
        its suffix says the format (PNG if it has none), `saving` and `original` the rest as for
        `encode`. Raises CannotWrite, BadInput, CannotOpen.
        """
        if path is None:
            name = dated(record.recipe, datetime.now())
            folder = make_folder(self._pictures / name.parent)
            path = write_new(folder, name.name, ".png", png_pieces(picture, texts(record)))
        else:
            path = path.absolute() if path.suffix else path.absolute().with_suffix(".png")
            write(path, encode(picture, path.suffix, texts(record), saving, original))
        # The picture is safe; what the index cannot take now, it finds at the next start.
        with suppress(CannotWrite, OSError):
            if _is_text(path):
                self._index.add([self._row(path, record, thumbnail(picture))])
        return path

    def history(
        self, limit: int = 200, before: int | None = None, match: str = ""
    ) -> tuple[Entry, ...]:
        """The newest entries, or those older than the entry with id `before`, newest first.

        `match`: only those with all of its words in prompt, model, sampler, seed or file name.
        Pictures whose file is gone are left out. Raises CannotWrite if no index can be kept.
        """
        while True:
            generation = self._catch_up()
            entries = tuple(islice(self._entries(limit, before, match), limit))
            if generation == self._index.generation:  # not begun anew meanwhile
                return entries

    def of_runs(self, runs: Sequence[str]) -> tuple[Entry, ...]:
        """The entries of these runs, newest first. Raises CannotWrite."""
        self._catch_up()
        found: list[Entry] = []
        for start in range(0, len(runs), 500):  # SQLite takes so many names at once, and more
            rows = self._index.of_runs(runs[start : start + 500])
            found += filter(None, map(self._entry, rows))
        return tuple(found)

    def unfinished(self) -> tuple[Unfinished, ...]:
        """Runs that were stopped and whose steps are still kept, newest first."""
        return unfinished(self.runs)

    def remove(self, entry_id: int, with_file: bool = False) -> Removed | None:
        """Take a picture out of the history. `with_file`: the file goes to the removed folder,
        and with the last picture of a run its steps go.

        What it returns takes it back with `put_back`. Raises CannotWrite.
        """
        name = self._index.path_of(entry_id)
        if name is None:
            return None
        path, target, run = self._absolute(name), None, ""
        if with_file and path.exists():
            with suppress(CannotOpen):
                run = read_record(path).run
            make_folder(self.folders.removed)
            target = write_new(self.folders.removed, path.stem, path.suffix, path.read_bytes())
            try:
                shutil.copystat(path, target)
                path.unlink()
            except OSError as error:
                target.unlink(missing_ok=True)
                raise cannot_write(path, error) from error
        self._index.hide(entry_id)
        if run and not self._pictures_of(run):
            self.runs.remove(run)
        return Removed(entry_id, path, target)

    def record_of(self, run: str) -> Record | None:
        """The record of a run, from its pictures that are there; None if there is none left.

        Of a batch it is that of as many pictures as the last of them says there were.
        """
        records = [record for _, record in self._pictures_of(run)]
        if not records:
            return None
        return records[0].together(1 + max(record.image for record in records))

    def _pictures_of(self, run: str) -> list[tuple[int, Record]]:
        found = []
        for row in self._index.of_run(run):
            with suppress(BadInput, ValueError):
                if row.record is not None and self._absolute(row.path).is_file():
                    found.append((row.id, Record.from_json(json.loads(row.record))))
        return found

    def put_back(self, removed: Removed) -> None:
        """Undo a removal; the file comes back too. Raises CannotWrite, CannotOpen."""
        if removed.kept is not None and not removed.path.exists():
            make_folder(removed.path.parent)
            try:
                write(removed.path, removed.kept.read_bytes())
                shutil.copystat(removed.kept, removed.path)
                removed.kept.unlink()
            except FileNotFoundError as error:
                raise CannotOpen(
                    f"{removed.path.name} is no longer in {self.folders.removed}.",
                    "It cannot be brought back.",
                ) from error
            except OSError as error:
                raise cannot_write(removed.path, error) from error
        self._index.hide(removed.id, hidden=False)

    def close(self) -> None:
        self._index.close()

    def _catch_up(self) -> int:
        """Read the files that this index does not know yet, once. Returns its generation."""
        with self._catching_up:
            if self._caught_up != self._index.generation:
                sweep(self._pictures)
                sweep(self.folders.data)
                known = self._index.paths()
                generation = self._index.generation
                found = {self._name(path) for path in self._files()}
                self._read(found - known)
                self._caught_up = generation
            return self._caught_up

    def _entries(self, page: int, before: int | None, match: str) -> Iterator[Entry]:
        while rows := self._index.page(page, before, match):
            yield from filter(None, map(self._entry, rows))
            before = rows[-1].id

    def _read(self, names: Iterable[str]) -> None:
        rows = [self._row_of_file(self._absolute(name)) for name in names]
        # By age, so that equal times keep the order in which they were saved.
        self._index.add(sorted((row for row in rows if row), key=lambda row: row.created))

    def _files(self) -> Iterable[Path]:
        for path in self._pictures.rglob("*"):
            listed = path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
            if listed and _is_text(path):
                yield path

    def _row_of_file(self, path: Path) -> Row | None:
        try:
            return self._row(path, read_record(path), None)
        except CannotOpen:
            with suppress(OSError):
                return Row(self._name(path), path.stat().st_mtime, None)
        except OSError:
            pass
        return None

    def _row(self, path: Path, record: Record, small: bytes | None) -> Row:
        text = json.dumps(record.to_json())  # ASCII: SQLite takes no half surrogate pairs
        return Row(self._name(path), path.stat().st_mtime, text, small)

    def _entry(self, row: Row) -> Entry | None:
        path = self._absolute(row.path)
        if row.record is None or not path.is_file():
            return None
        try:
            record = Record.from_json(json.loads(row.record))
            small = row.thumbnail or self._illustrate(row.id, path)
        except (BadInput, CannotOpen, ValueError):
            return None
        return Entry(row.id, path, row.created, record, small)

    def _illustrate(self, number: int, path: Path) -> bytes:
        small = thumbnail(open_picture(path).picture)
        self._index.illustrate(number, small)
        return small

    def _name(self, path: Path) -> str:
        """Relative inside the pictures folder, so that the folder can be moved."""
        if path.is_relative_to(self._pictures):
            path = path.relative_to(self._pictures)
        return path.as_posix()

    def _absolute(self, name: str) -> Path:
        return self._pictures / name


def _is_text(path: Path) -> bool:
    """File names on Unix are bytes; SQLite holds only those that are UTF-8."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True
