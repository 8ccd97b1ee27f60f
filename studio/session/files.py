"""Pictures that come from files and go to files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from studio.core.errors import StudioError
from studio.core.geometry import Size
from studio.core.picture import Picture
from studio.core.sizing import working_size
from studio.session.message import Message

if TYPE_CHECKING:
    from studio.imaging.opening import Opened
    from studio.session.session import Session

# studio.imaging is imported inside the functions: the window is painted before OpenCV is loaded.


def open_file(session: Session, path: Path) -> bool:
    from studio.imaging.opening import open_picture

    try:
        opened = open_picture(path)
    except StudioError as error:
        session.say(Message.of(error))
        return False
    return _bring(session, opened, path.name)


def bring(session: Session, picture: Picture, name: str) -> None:
    """Work on this picture; the size follows its shape."""
    session.viewing.offer = None
    session.viewing.select(session.viewing.run, None)
    session.desk.bring(picture, name)
    size = suited(session, picture.size)
    session.settings.width, session.settings.height = size.width, size.height


def suited(session: Session, size: Size) -> Size:
    """The size to refine a picture of `size` at: its shape, and what the model is used to."""
    if session.model:
        abilities = session.model.abilities
        return working_size(size, abilities.native_size, abilities.multiple)
    now = Size(session.settings.width, session.settings.height)
    return working_size(size, now, 8)


def _bring(session: Session, opened: Opened, name: str) -> bool:
    bring(session, opened.picture, name)
    if opened.notes:
        notes = ", ".join(opened.notes)
        session.say(Message(f"{name}: {notes}."))
    return True


def save_as(session: Session, path: Path) -> bool:
    shown = session.viewing.shown
    picture = shown.picture if shown else session.document.picture
    if picture is None:
        session.say(Message("There is no picture to save yet.", "Generate or open one.", "warning"))
        return False
    from studio.imaging.encoding import encode
    from studio.imaging.metadata import texts
    from studio.library.atomic import write

    known = session.desk.known(picture)
    try:
        write(path, encode(picture, path.suffix, texts(known.record) if known else {}))
    except StudioError as error:
        session.say(Message.of(error))
        return False
    session.say(Message(f"Saved as {path.name}."))
    return True
