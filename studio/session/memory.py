"""What is kept of a session for the next start: settings, picture and mask."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.core.errors import BadInput, StudioError
from studio.core.original import Original
from studio.core.picture import Mask, Picture
from studio.core.record import Asset, Record
from studio.core.saving import Saving
from studio.session.coat import Target
from studio.session.desk import Known
from studio.session.message import Message

if TYPE_CHECKING:
    from studio.session.session import Session

MASKS: dict[Target, str] = {"fill": "mask", "from": "take_from", "not_from": "not_from"}
"""What is painted, and what it is called in what is kept."""


def snapshot(session: Session, quick: bool = False) -> dict[str, Any]:
    """What `restore` needs at the next start, as JSON.

    Raises nothing: what cannot be kept (a full disk) is left out, and said.

    `quick` leaves out a picture or mask that is not in the library yet, since writing it takes
    long (`safekeeping` has it written meanwhile); a picture made here is then named by its
    file.
    """
    data: dict[str, Any] = {
        "settings": session.settings.to_json(),
        "preferences": session.preferred.to_json(),
        "exports": session.exports.to_json(),
        "saving": session.saving.to_json(),
        "liked": session.collection.liked.to_json(),
    }
    picture = session.document.picture
    try:
        asset = _keep(session, picture, session.document.name, quick)
        known = session.desk.known(picture) if picture is not None else None
        if known:
            data["known"] = {"path": str(known.path), "record": known.record.to_json()}
        if session.desk.original is not None:
            data["original"] = session.desk.original.to_json()
        if asset is None and known is None:
            return data
        data["use_source"] = session.desk.use_source
        if asset is not None:
            data["picture"] = _asset(asset)
        for target, key in MASKS.items():
            coat = session.document.coats[target]
            # one that nobody asked for since it changed is not in the library
            asset = _keep(session, coat.copied if quick else coat.mask, "mask", quick)
            if asset is not None:
                data[key] = _asset(asset)
    except StudioError as error:
        session.say(Message.of(error))
    return data


def _keep(session: Session, item: Picture | Mask | None, name: str, quick: bool) -> Asset | None:
    if item is not None and item not in session.kept and not quick:
        session.kept[item] = session.library.keep(item, name)
    return session.kept.get(item) if item is not None else None


def restore(session: Session, data: Mapping[str, Any]) -> None:
    """Go on where `snapshot` was taken; what is missing or damaged is left out."""
    restore_settings(session, data)
    restore_picture(session, data)


def restore_settings(session: Session, data: Mapping[str, Any]) -> None:
    """The quick half of `restore`."""
    settings = data.get("settings")
    if isinstance(settings, Mapping):
        session.settings.from_json(settings)
        session.restored = True
    preferences = data.get("preferences")
    if isinstance(preferences, Mapping):
        session.preferred.from_json(preferences)
    session.saving = Saving.from_json(data.get("saving"))
    exports = data.get("exports")
    if isinstance(exports, Mapping):
        session.exports.from_json(exports)
    liked = data.get("liked")
    if isinstance(liked, Mapping):
        session.collection.liked.from_json(liked)


def restore_picture(session: Session, data: Mapping[str, Any]) -> None:
    """The other half: picture and mask, from the library."""
    try:
        _restore_picture(session, data)
    except (KeyError, TypeError, AttributeError):
        # Written by another version or by hand: the picture itself is safe in the library.
        session.say(Message("The last picture could not be brought back.", kind="warning"))
    except StudioError as error:
        session.say(Message.of(error, "warning"))


def _restore_picture(session: Session, data: Mapping[str, Any]) -> None:
    known = _known(data.get("known"))
    if "picture" in data:
        asset = Asset(data["picture"]["sha256"], data["picture"].get("name", ""))
        picture, name = session.library.asset_picture(asset), asset.name
        session.kept[picture] = asset
    elif known:
        from studio.imaging.opening import open_picture

        picture, name = open_picture(known.path).picture, known.path.name
    else:
        return
    if known:
        session.desk.remember(picture, known)
    session.desk.bring(picture, name, _original(data.get("original")))
    if known:
        viewing = session.viewing
        session.recalls.want(known.record.run, viewing.accompany, viewing.unaccompanied)
    session.desk.use_source = bool(data.get("use_source", True))
    for target, key in MASKS.items():
        if key in data:
            asset = Asset(data[key]["sha256"], data[key].get("name", ""))
            mask = session.library.asset_mask(asset)
            session.document.set_mask(mask, target)


def _known(data: Mapping[str, Any] | None) -> Known | None:
    """None also for a damaged recipe: the picture is still the picture without it."""
    try:
        return Known(Path(data["path"]), Record.from_json(data["record"])) if data else None
    except BadInput:
        return None


def _original(data: Mapping[str, Any] | None) -> Original | None:
    try:
        return Original.from_json(data) if data else None
    except (KeyError, TypeError, ValueError):
        return None


def _asset(asset: Asset) -> dict[str, str]:
    return {"sha256": asset.sha256, "name": asset.name}
