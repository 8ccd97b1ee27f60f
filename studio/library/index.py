"""The SQLite index of saved pictures. The files are the truth; this can be made again."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from studio.core.errors import CannotWrite
from studio.library.atomic import make_folder

VERSION = 1
WAIT = 10.0
"""Seconds to wait for another process that is writing."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS pictures (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    created REAL NOT NULL,
    record TEXT,
    thumbnail BLOB,
    hidden INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS by_age ON pictures (created DESC, id DESC);
"""

T = TypeVar("T")


_SOUGHT = ("prompt", "model", "sampler", "seed")


def _found(words: str, path: str, record: str) -> bool:
    """Whether each word is somewhere in what a search looks at, in whatever case."""
    # Parsed here: SQLite's own functions cannot return half surrogate pairs.
    try:
        recipe = json.loads(record)["recipe"]
        text = " ".join([path, *(str(recipe.get(name, "")) for name in _SOUGHT)]).casefold()
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return all(word in text for word in words.casefold().split())


@dataclass(frozen=True)
class Row:
    """`record` is None for a file in the folder that does not say how it was made."""

    path: str
    created: float
    record: str | None
    thumbnail: bytes | None = None
    id: int = 0


class Index:
    """One connection behind a lock, for all threads; WAL, for other processes.

    A file that is no index, or a damaged one, is kept aside as *.damaged and begun anew.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self.generation = 0
        """How often a damaged index was set aside and begun anew."""

    def add(self, rows: Iterable[Row]) -> None:
        """Add or replace by path; what was hidden stays hidden."""
        values = [(r.path, r.created, r.record, r.thumbnail) for r in rows]
        self._do(
            lambda db: db.executemany(
                "INSERT INTO pictures (path, created, record, thumbnail) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (path) DO UPDATE SET created = excluded.created,"
                " record = excluded.record, thumbnail = excluded.thumbnail",
                values,
            )
        )

    def page(self, limit: int, before: int | None, match: str = "") -> list[Row]:
        """Rows with a record that are not hidden, newest first, older than row `before`.

        `match`: only those in which each of its words is found, in whatever case.
        """
        older = (
            " AND (created, id) < (SELECT created, id FROM pictures WHERE id = :before)"
            if before is not None
            else ""
        )
        if match.strip():
            older += " AND found(:match, path, record)"
        match = match.encode("utf-8", "replace").decode()
        values = {"limit": limit, "before": before, "match": match}
        return self._rows(f"{older} ORDER BY created DESC, id DESC LIMIT :limit", values)

    def of_runs(self, runs: Sequence[str]) -> list[Row]:
        """Rows of these runs that are not hidden."""
        names = {f"run{number}": run for number, run in enumerate(runs)}
        wanted = ", ".join(f":{name}" for name in names)
        run = "CASE WHEN json_valid(record) THEN json_extract(record, '$.run') END"
        return self._rows(f" AND {run} IN ({wanted}) ORDER BY created DESC, id DESC", names)

    def _rows(self, which: str, values: Mapping[str, object]) -> list[Row]:
        query = (
            "SELECT path, created, record, thumbnail, id FROM pictures"
            f" WHERE hidden = 0 AND record IS NOT NULL{which}"
        )
        return [Row(*row) for row in self._do(lambda db: db.execute(query, values).fetchall())]

    def of_run(self, run: str) -> list[Row]:
        """The pictures of a run, hidden ones too, in the order of their batch."""
        query = (
            "SELECT path, created, record, thumbnail, id FROM pictures"
            " WHERE CASE WHEN json_valid(record) THEN json_extract(record, '$.run') END = ?"
            " ORDER BY json_extract(record, '$.image')"
        )
        return [Row(*row) for row in self._do(lambda db: db.execute(query, (run,)).fetchall())]

    def paths(self) -> set[str]:
        found = self._do(lambda db: db.execute("SELECT path FROM pictures").fetchall())
        return {path for (path,) in found}

    def path_of(self, number: int) -> str | None:
        query = "SELECT path FROM pictures WHERE id = ?"
        row = self._do(lambda db: db.execute(query, (number,)).fetchone())
        return str(row[0]) if row else None

    def illustrate(self, number: int, thumbnail: bytes) -> None:
        query = "UPDATE pictures SET thumbnail = ? WHERE id = ?"
        self._do(lambda db: db.execute(query, (thumbnail, number)))

    def hide(self, number: int, hidden: bool = True) -> None:
        query = "UPDATE pictures SET hidden = ? WHERE id = ?"
        self._do(lambda db: db.execute(query, (hidden, number)))

    def close(self) -> None:
        with self._lock:
            if self._connection:
                self._connection.close()
            self._connection = None

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run in one transaction. Raises CannotWrite if there is no way to have an index."""
        with self._lock:
            try:
                return self._attempt(work)
            except sqlite3.OperationalError as error:
                raise self._unusable(error) from error
            except sqlite3.DatabaseError:
                self._set_aside()
            try:
                return self._attempt(work)
            except sqlite3.DatabaseError as error:
                raise self._unusable(error) from error

    def _attempt(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._connection is None:
            self._connection = self._connect()
        with self._connection:
            return work(self._connection)

    def _connect(self) -> sqlite3.Connection:
        make_folder(self._path.parent)
        connection = sqlite3.connect(self._path, timeout=WAIT, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version not in (0, VERSION):
                raise sqlite3.DatabaseError(f"index version {version}")
            connection.executescript(SCHEMA)
            connection.create_function("found", 3, _found, deterministic=True)
            connection.execute(f"PRAGMA user_version = {VERSION}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _set_aside(self) -> None:
        self.close()
        self.generation += 1
        for end in ("", "-wal", "-shm"):
            path = self._path.with_name(self._path.name + end)
            with suppress(OSError):
                path.replace(path.with_name(path.name + ".damaged"))

    def _unusable(self, error: sqlite3.Error) -> CannotWrite:
        return CannotWrite(
            f"The history {self._path} cannot be used: {error}.",
            "Your pictures are safe; check that the folder can be written.",
        )
