from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.core.picture import Picture
from studio.core.recipe import Recipe
from studio.core.record import Record
from studio.core.saving import Saving
from studio.imaging.metadata import read_record
from studio.imaging.opening import open_native, open_picture
from studio.library.folders import Folders
from studio.library.library import Library
from studio.session import memory
from studio.session.desk import Known
from studio.session.files import bring, original_shown, suggested
from studio.session.message import Message
from studio.session.session import Session
from studio.session.settings import Settings
from tests.imaging.photos import native, swapped_profile, write
from tests.session.scripted import Scripted, mask_for, new_session, picture, play


def said(session: Session) -> list[Message]:
    messages: list[Message] = []
    session.said.connect(lambda message: messages.append(message))
    return messages


def test_an_opened_photo_sets_its_shape_and_the_action(tmp_path: Path) -> None:
    session = new_session()
    Image.fromarray(np.zeros((300, 600, 3), np.uint8)).save(tmp_path / "wide.png")
    assert session.open_file(tmp_path / "wide.png")
    assert session.action == "refine"
    assert session.document.name == "wide.png"
    settings = session.settings
    assert (settings.width, settings.height) == (184, 88)
    assert session.why_not is None


@pytest.mark.parametrize("content", [None, b"", b"just text"])
def test_what_cannot_be_opened_is_said_and_changes_nothing(
    tmp_path: Path, content: bytes | None
) -> None:
    session = new_session()
    messages = said(session)
    path = tmp_path / "broken.png"
    if content is not None:
        path.write_bytes(content)
    assert not session.open_file(path)
    assert session.document.picture is None
    assert [message.kind for message in messages] == ["error"]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_what_is_looked_at_is_saved_with_its_recipe(tmp_path: Path, suffix: str) -> None:
    session = new_session()
    session.settings.prompt = "a boat"
    session.generate()
    (result,) = play(session, "run1")
    path = tmp_path / f"boat{suffix}"
    assert session.save_as(path)
    assert open_picture(path).picture.size == result.picture.size
    if suffix == ".png":
        assert read_record(path).recipe.prompt == "a boat"


def test_nothing_to_save_and_nowhere_to_save_it_are_said(tmp_path: Path) -> None:
    session = new_session()
    messages = said(session)
    assert not session.save_as(tmp_path / "a.png")
    session.desk.bring(picture(), "photo.jpg")
    assert not session.save_as(tmp_path / "missing" / "a.png")
    assert [message.kind for message in messages] == ["warning", "error"]
    assert list(tmp_path.iterdir()) == []


def deep_photo(tmp_path: Path) -> Path:
    return write(tmp_path, native("RGB", 16, (60, 40), swapped_profile()))


def painted(source: Picture) -> Picture:
    pixels = source.pixels.copy()
    pixels[3:9, 4:12] = (200, 30, 90)
    return Picture(pixels)


def test_an_edited_photo_keeps_its_depth_and_colours_through_edits_undo_and_restart(
    tmp_path: Path,
) -> None:
    library = Library(Folders(tmp_path / "pictures", tmp_path / "data"))
    session = Session(Scripted(), library)
    path = deep_photo(tmp_path)
    before = open_native(path)
    session.open_file(path)
    opened = session.document.picture
    assert opened is not None
    for _ in range(2):
        session.desk.merge(painted(opened), Known(tmp_path / "made.png", Record(Recipe())))
    session.document.undo()
    for each in (session, restarted(session)):
        assert each.save_as(tmp_path / "saved.tiff")
        saved = open_native(tmp_path / "saved.tiff")
        changed = (painted(opened).pixels != opened.pixels).any(axis=2)
        assert saved.profile == before.profile
        assert np.array_equal(saved.samples[~changed], before.samples[~changed])
        assert (saved.samples[changed] != before.samples[changed]).any()
    library.close()


def test_an_offered_fill_is_saved_like_the_photo_it_was_made_from(tmp_path: Path) -> None:
    session = new_session()
    session.open_file(deep_photo(tmp_path))
    photo = session.document.picture
    assert photo is not None
    session.document.set_mask(mask_for(photo))
    session.generate()
    play(session, "run1")
    assert session.viewing.shown is not None
    assert original_shown(session) is not None
    session.viewing.look_back(picture(3), Known(tmp_path / "b.png", Record(Recipe())))
    assert original_shown(session) is None


def test_a_photo_that_is_gone_is_said_when_it_is_missed(tmp_path: Path) -> None:
    session = new_session()
    messages = said(session)
    path = deep_photo(tmp_path)
    session.open_file(path)
    path.unlink()
    assert session.save_as(tmp_path / "saved.tiff")
    assert messages[-1].kind == "warning"
    assert "photo.tiff" in messages[-1].hint
    assert open_native(tmp_path / "saved.tiff").depth == 8


def test_what_was_saved_is_told(tmp_path: Path) -> None:
    session = new_session()
    messages = said(session)
    session.open_file(deep_photo(tmp_path))
    assert "full depth" in messages[-1].hint
    session.save_as(tmp_path / "a.tiff")
    assert messages[-1].text.startswith("Saved as a.tiff (")
    assert messages[-1].hint == (
        "In 16 bits and swap built-in: what was left alone is exactly as in photo.tiff."
    )
    session.save_as(tmp_path / "a.jpg", Saving(quality=80, sampling="4:2:0"))
    assert "quality 80, 4:2:0" in messages[-1].text


def test_a_photo_suggests_its_own_format_and_another_name(tmp_path: Path) -> None:
    session = new_session()
    session.open_file(deep_photo(tmp_path))
    assert suggested(session) == "photo-edited.tiff"
    session.desk.bring(picture(), "pasted")
    assert suggested(session) == "pasted.png"


def test_a_damaged_photo_opens_with_a_warning(tmp_path: Path) -> None:
    session = new_session()
    messages = said(session)
    path = tmp_path / "photo.jpg"
    pixels = np.random.default_rng(1).integers(0, 256, (200, 300, 3), np.uint8)
    Image.fromarray(pixels).save(path, quality=90)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert session.open_file(path)
    assert session.document.picture is not None
    assert messages[-1].kind == "warning"
    assert "% of it is missing" in messages[-1].text


def test_the_largest_picture_can_be_set(tmp_path: Path) -> None:
    session = new_session()
    messages = said(session)
    Image.new("L", (2000, 1000)).save(tmp_path / "a.png")
    session.preferred.set("largest_picture", 1.0)
    assert not session.open_file(tmp_path / "a.png")
    assert "preferences" in messages[-1].hint
    session.preferred.set("largest_picture", 2.0)
    assert session.open_file(tmp_path / "a.png")


def test_how_pictures_are_saved_is_remembered(tmp_path: Path) -> None:
    library = Library(Folders(tmp_path / "pictures", tmp_path / "data"))
    session = Session(Scripted(), library)
    session.saving = Saving("WEBP", quality=71, lossless=True, metadata="none", depth="16")
    assert restarted(session).saving == session.saving
    assert (
        Saving.from_json({"quality": 300, "lossless": 1, "depth": "99", "form": None}) == Saving()
    )
    library.close()


def restarted(session: Session) -> Session:
    import json

    data = json.loads(json.dumps(memory.snapshot(session)))
    again = Session(Scripted(), session.library)
    memory.restore(again, data)
    return again


def test_settings_picture_and_mask_come_back(tmp_path: Path) -> None:
    library = Library(Folders(tmp_path / "pictures", tmp_path / "data"))
    session = Session(Scripted(), library)
    session.settings.prompt, session.settings.steps = "a boat", 33
    photo = picture(7, 40, 30)
    session.desk.bring(photo, "photo.jpg")
    mask = mask_for(photo)
    session.document.set_mask(mask)
    again = restarted(session)
    assert (again.settings.prompt, again.settings.steps) == ("a boat", 33)
    assert again.document.picture is not None
    assert np.array_equal(again.document.picture.pixels, photo.pixels)
    assert again.document.mask is not None
    assert np.array_equal(again.document.mask.pixels, mask.pixels)
    assert again.action == "fill"
    again.document.mask_clear()
    assert again.action == "refine"
    library.close()


def test_a_result_comes_back_as_a_result_with_its_record(tmp_path: Path) -> None:
    library = Library(Folders(tmp_path / "pictures", tmp_path / "data"))
    session = Session(Scripted(), library)
    session.desk.place(picture(7), Known(Path("/p/made.png"), Record(Recipe(seed=5))))
    again = restarted(session)
    assert again.action == "generate"
    assert again.seed_shown == 5
    library.close()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"settings": 3, "picture": 4},
        {"picture": {"sha256": "0" * 64}},
        {"picture": {}},
        {"settings": {"width": -1}, "picture": None},
    ],
)
def test_a_damaged_snapshot_is_survived(tmp_path: Path, data: dict[str, object]) -> None:
    library = Library(Folders(tmp_path / "pictures", tmp_path / "data"))
    session = Session(Scripted(), library)
    memory.restore(session, data)
    assert session.document.picture is None
    assert session.settings.width == Settings().width
    library.close()


def test_a_quick_snapshot_writes_nothing_new(tmp_path: Path) -> None:
    library = Library(Folders(tmp_path / "pictures", tmp_path / "data"))
    session = Session(Scripted(), library)
    photo = picture(7, 40, 30)
    session.desk.bring(photo, "photo.jpg")
    assert "picture" not in memory.snapshot(session, quick=True)
    memory.snapshot(session)
    assert "picture" in memory.snapshot(session, quick=True)
    session.document.set_mask(mask_for(photo))
    quick = memory.snapshot(session, quick=True)
    assert ("picture" in quick, "mask" in quick) == (True, False)
    library.close()


def test_after_a_crash_a_result_comes_back_from_its_own_file(tmp_path: Path) -> None:
    library = Library(Folders(tmp_path / "pictures", tmp_path / "data"))
    session = Session(Scripted(), library)
    made, record = picture(7, 40, 30), Record(Recipe(prompt="a boat"))
    session.desk.place(made, Known(library.save(made, record), record))
    crashed = memory.snapshot(session, quick=True)
    assert "picture" not in crashed
    again = Session(Scripted(), library)
    memory.restore(again, crashed)
    assert again.document.picture is not None
    assert np.array_equal(again.document.picture.pixels, made.pixels)
    known = again.desk.known(again.document.picture)
    assert known is not None
    assert known.record == record
    assert again.action == "generate"
    library.close()


def test_a_photo_is_kept_in_the_library_while_it_is_looked_at() -> None:
    session = new_session()
    small, large = picture(5), picture(5, 2000, 1100)
    bring(session, small, "small.png")
    assert small not in session.kept
    bring(session, large, "large.png")
    assert session.kept[large].sha256
