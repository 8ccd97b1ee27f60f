"""Pictures that come from files and go to files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from studio.core.errors import CannotOpen, StudioError
from studio.core.geometry import Size
from studio.core.original import Original
from studio.core.picture import Picture
from studio.core.record import Asset
from studio.core.saving import Saving
from studio.core.sizing import working_size
from studio.imaging.strips import LARGE
from studio.session.message import Message

if TYPE_CHECKING:
    from studio.imaging.opening import Opened
    from studio.session.session import Session

# What needs OpenCV is imported inside the functions: the window is painted before it is loaded.

SUFFIXES = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "TIFF": ".tiff", "AVIF": ".avif"}
PLAIN_QUALITY = ("JPEG", "WEBP", "AVIF")


def open_file(session: Session, path: Path) -> bool:
    limit = round(session.preferred.now.largest_picture * 1e6)

    def work() -> Opened:
        from studio.imaging.opening import open_picture

        return open_picture(path, limit, quick=True)

    failed = []

    def done(outcome: Opened | StudioError) -> None:
        if isinstance(outcome, StudioError):
            failed.append(outcome)
            session.say(Message.of(outcome))
        else:
            _bring(session, outcome, path.name)

    session.clerk.do("open", f"Opening {path.name}…", work, done)
    return not failed


def bring(session: Session, picture: Picture, name: str, original: Original | None = None) -> None:
    """Work on this picture; the size follows its shape."""
    session.clerk.give_up()
    session.brought.emit()
    session.viewing.offer = None
    session.viewing.select(session.viewing.run, None)
    session.desk.bring(picture, name, original)
    size = suited(session, picture.size)
    session.settings.width, session.settings.height = size.width, size.height
    if picture.size.area >= LARGE:
        _keep(session, picture, name)


def _keep(session: Session, picture: Picture, name: str) -> None:
    """Put a photo into the library now, so that the first run on it need not wait for that."""

    def done(outcome: Asset | StudioError) -> None:
        if isinstance(outcome, Asset):  # else the run will say why
            session.kept[picture] = outcome

    session.clerk.do("keep", "", lambda: session.library.keep(picture, name), done)


def suited(session: Session, size: Size) -> Size:
    """The size to refine a picture of `size` at: its shape, and what the model is used to."""
    if session.model:
        abilities = session.model.abilities
        return working_size(size, abilities.native_size, abilities.multiple)
    now = Size(session.settings.width, session.settings.height)
    return working_size(size, now, 8)


def _bring(session: Session, opened: Opened, name: str) -> None:
    bring(session, opened.picture, name, opened.original)
    notes = ", ".join(opened.notes)
    if opened.damage:
        hint = "What could be read is here. Look for another copy if you need the rest."
        session.say(Message(opened.damage, hint, "warning", notes))
    elif notes:
        hint = ""
        if opened.original and opened.original.depth > 8:
            hint = "Saved as PNG or TIFF, what you leave alone keeps its full depth."
        session.say(Message(f"{name}: {notes}.", hint))


def original_shown(session: Session) -> Original | None:
    """The file that what is looked at is an edit of, if it is one."""
    shown, offer = session.viewing.shown, session.viewing.offer
    if shown is None or (shown.kind == "result" and offer is not None and offer.edits):
        return session.desk.original
    return None


def estimate(session: Session, saving: Saving, done: Callable[[int | None], None]) -> None:
    """Have `done` called with how many bytes a file would have; None if it could not be written."""
    shown = session.viewing.shown
    picture = shown.picture if shown else session.document.picture
    if picture is None:
        done(None)
        return
    original = original_shown(session)

    def work() -> int:
        from studio.imaging.encoding import encode

        return len(encode(picture, SUFFIXES[saving.form], {}, saving, original))

    session.clerk.do(
        "estimate", "", work, lambda bytes_: done(bytes_ if isinstance(bytes_, int) else None)
    )


def suggested(session: Session) -> str:
    """A name for a file to save: an edited photo's own format, and never its very name."""
    original = original_shown(session)
    if original is None:
        return Path(session.name_shown).with_suffix(SUFFIXES[session.saving.form]).name
    form = original.form if original.form in SUFFIXES else "JPEG" if original.depth == 8 else "TIFF"
    return f"{original.path.stem}-edited{SUFFIXES[form]}"


def save_as(session: Session, path: Path, saving: Saving | None = None) -> bool:
    shown = session.viewing.shown
    picture = shown.picture if shown else session.document.picture
    if picture is None:
        session.say(Message("There is no picture to save yet.", "Generate or open one.", "warning"))
        return False
    saving = saving or session.saving
    known, original = session.desk.known(picture), original_shown(session)

    def work() -> Message:
        from studio.imaging.encoding import encode
        from studio.imaging.metadata import texts
        from studio.library.atomic import write

        words = texts(known.record) if known else {}
        try:
            data, lost = encode(picture, path.suffix, words, saving, original), ""
        except CannotOpen as error:
            # it was there when it was opened: what is worked on is what there is to save
            data, lost = encode(picture, path.suffix, words, saving), error.message
        write(path, data)
        return saved_message(path, len(data), saving, original, lost)

    failed = []

    def done(outcome: Message | StudioError) -> None:
        if isinstance(outcome, StudioError):
            failed.append(outcome)
            outcome = Message.of(outcome)
        session.say(outcome)

    session.clerk.do("save", f"Saving {path.name}…", work, done)
    return not failed


def amount(length: int) -> str:
    """So many bytes, in words."""
    return f"{length / 1e6:.1f} MB" if length >= 1e5 else f"{max(1, round(length / 1e3))} kB"


def saved_message(
    path: Path, length: int, saving: Saving, original: Original | None, lost: str
) -> Message:
    """What was saved, and how true it is to the photo it was made from."""
    from studio.imaging.encoding import form_of

    form = form_of(path.suffix)
    how = ""
    if form.name in PLAIN_QUALITY and not (form.name == "WEBP" and saving.lossless):
        sampling = "" if form.name == "WEBP" else f", {saving.sampling}"
        how = f", quality {saving.quality}{sampling}"
    text = f"Saved as {path.name} ({amount(length)}{how})."
    if lost:
        hint = f"{lost} So it is in 8 bits and sRGB, without the photo's metadata."
        return Message(text, hint, "warning")
    if original is None or form.name in PLAIN_QUALITY:
        return Message(text)
    kept = []
    if original.depth > 8 and saving.depth == "original":
        kept.append("floating point" if original.depth == 32 else f"{original.depth} bits")
    if original.profile and saving.profile == "original":
        kept.append(original.profile)
    words = f"In {' and '.join(kept)}: what" if kept else "What"
    return Message(text, f"{words} was left alone is exactly as in {original.path.name}.")
