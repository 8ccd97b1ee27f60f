"""A picture of the history in words, as a thumbnail, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QImage, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from studio.core.prompting.speech import said
from studio.core.record import Record
from studio.session.changes import changed, summary
from studio.session.comparing import compare_entry, compare_entry_with_parent
from studio.session.past import Past
from studio.ui.icons import icon

if TYPE_CHECKING:
    from studio.library.library import Entry

THUMB = 96


def actions_for(parent: QWidget, past: Past, entries: Sequence[Entry]) -> list[list[QAction]]:
    """What can be done with the pictures of one run, in groups, as its menu shows it.

    Most is done with the first of them; all are removed.
    """
    entry, session = entries[0], past.session
    groups: list[list[tuple[str, str, Callable[[], object]]]] = [
        [
            ("Put on the canvas", "image", lambda: past.place(entry)),
            ("Show the steps", "step-forward", lambda: past.show_steps(entry)),
            ("Use as source", "image-up", lambda: past.use_as_source(entry)),
            ("Use recipe", "copy", lambda: past.use_recipe(entry)),
            ("Use seed", "recycle", lambda: past.use_seed(entry)),
        ],
        [
            ("Compare with", "square-split-horizontal", lambda: compare_entry(session, entry)),
            *(_of_a_branch(past, entry) if entry.record.origin else ()),
        ],
        [
            ("Show in folder", "folder-open", lambda: show_in_folder(entry)),
            ("Remove from history", "x", lambda: past.remove(*entries)),
            ("Remove with file", "trash-2", lambda: past.remove(*entries, with_file=True)),
        ],
    ]
    return [[_action(parent, *words) for words in group] for group in groups]


def _of_a_branch(past: Past, entry: Entry) -> list[tuple[str, str, Callable[[], object]]]:
    session = past.session
    return [
        ("Compare with parent", "git-compare", lambda: compare_entry_with_parent(session, entry)),
        ("Show parent", "corner-left-up", lambda: past.show_parent(entry)),
    ]


def show_menu(view: QWidget, past: Past, entries: Sequence[Entry], place: QPoint) -> QMenu:
    """Open it at a place on the screen."""
    menu = QMenu(view)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for group in actions_for(menu, past, entries):
        menu.addActions(group)
        menu.addSeparator()
    menu.popup(place)
    return menu


def describe(entry: Entry) -> str:
    """A picture in four lines, for its tooltip."""
    recipe = entry.record.recipe
    when = datetime.fromtimestamp(entry.created).strftime("%d %b %Y, %H:%M")
    words = said(recipe, "prompt")
    prompt = words if len(words) <= 200 else words[:199] + "…"
    lines = [prompt or "No prompt", _numbers(entry.record), when, entry.path.name]
    if entry.record.origin:
        lines.insert(1, branched(entry.record))
    return "\n".join(lines)


def branched(record: Record) -> str:
    """Where a picture branched off another, and what it did differently."""
    assert record.origin is not None
    return f"Branched from step {record.origin.step}: {summary(changed(record))}"


def _numbers(record: Record) -> str:
    recipe = record.recipe
    return f"{recipe.model} · {recipe.size} · {recipe.steps} steps · seed {recipe.seed}"


def show_in_folder(entry: Entry) -> None:
    """Open the folder that holds the picture in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(entry.path).parent)))


def _action(parent: QWidget, text: str, image: str, do: Callable[[], object]) -> QAction:
    action = QAction(icon(image), text, parent)
    action.triggered.connect(lambda: do())
    return action


@lru_cache(maxsize=512)
def thumbnail(data: bytes) -> QPixmap:
    """A thumbnail of the library; small ones are enlarged, to be crisp at any scaling."""
    pixmap = QPixmap.fromImage(QImage.fromData(data))
    if not pixmap.isNull() and max(pixmap.width(), pixmap.height()) < THUMB * 2:
        pixmap = pixmap.scaled(
            THUMB * 2,
            THUMB * 2,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    return pixmap
