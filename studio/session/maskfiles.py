"""Masks that come from files and go to files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from studio.core.errors import StudioError
from studio.session.message import Message

if TYPE_CHECKING:
    from studio.session.session import Session


def load(session: Session, path: Path) -> bool:
    """Use a picture as the mask, white or opaque where it is set; False, and a message, if it
    cannot be. One step to undo."""
    from studio.imaging.opening import open_mask

    document = session.document
    try:
        size = document.picture.size if document.picture else None
        document.set_mask(open_mask(path, size), document.target)
    except StudioError as error:
        session.say(Message.of(error))
        return False
    if not document.coat.any:
        session.say(Message(f"{path.name} is black all over: nothing is masked.", kind="warning"))
    return True


def save(session: Session, path: Path) -> bool:
    """Write the mask as a grey PNG of 8 bits; False, and a message, if it cannot be."""
    from studio.imaging.encoding import png_bytes
    from studio.library.atomic import write

    mask = session.document.coat.mask
    if mask is None:
        session.say(Message("There is no mask to save yet.", "Paint one first.", "warning"))
        return False
    if not path.suffix:
        path = path.with_suffix(".png")
    try:
        if path.suffix.lower() != ".png":
            session.say(Message("Masks are saved as PNG.", f"Call it {path.stem}.png.", "warning"))
            return False
        write(path, png_bytes(mask))
    except StudioError as error:
        session.say(Message.of(error))
        return False
    session.say(Message(f"Saved the mask as {path.name}."))
    return True
