"""What is to be filled, where to take from and where not to: painted, undone and kept alike."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from studio.core.geometry import Box
from studio.core.material import HERE, NEVER
from studio.core.picture import Mask, Picture, Pixels
from studio.imaging.brush import Brush
from studio.imaging.region import Region
from studio.imaging.reshaping import grown
from studio.library.folders import Folders
from studio.library.library import Library
from studio.models.catalogue import PATCHES, TOY
from studio.session import memory, safekeeping
from studio.session.coat import Target
from studio.session.document import Document
from studio.session.session import Session
from tests.session.scripted import Scripted


def picture(width: int = 90, height: int = 60) -> Picture:
    return Picture(np.full((height, width, 3), 90, np.uint8))


def opened() -> Document:
    document = Document()
    document.open(picture(), "photo.png")
    return document


def paint(document: Document, target: Target, x: float) -> None:
    document.aim(target)
    document.begin_stroke(Brush(5, 1.0))
    document.stroke_to(x, 30)
    document.end_stroke()


def test_each_is_painted_undone_and_cleared_by_itself() -> None:
    document = opened()
    for target, x in (("fill", 20), ("from", 45), ("not_from", 70)):
        paint(document, target, x)
    at = {target: coat.painted for target, coat in document.coats.items()}
    assert [at[t].x + at[t].width // 2 for t in ("fill", "from", "not_from")] == [20, 45, 70]
    assert document.mask is not None
    assert document.painted == at["fill"]
    document.undo()
    assert not document.coats["not_from"].any
    assert document.coats["from"].any
    document.redo()
    document.clear_coat("from")
    assert [coat.any for coat in document.coats.values()] == [True, False, True]
    document.undo()
    assert document.coats["from"].painted == at["from"]


def test_who_listens_to_the_mask_is_not_told_of_the_others() -> None:
    document, masks, materials = opened(), [], []
    document.mask_changed.connect(masks.append)
    document.material_changed.connect(materials.append)
    paint(document, "from", 45)
    assert (masks, len(materials)) == ([], 1)
    paint(document, "fill", 20)
    assert (len(masks), len(materials)) == (1, 1)


def test_what_is_painted_marks_the_material() -> None:
    document = opened()
    assert document.material is None
    paint(document, "from", 45)
    paint(document, "not_from", 70)
    material = document.material
    assert material is not None
    assert (material.pixels[30, 45], material.pixels[30, 70]) == (HERE, NEVER)
    assert document.material is material  # one object, which the library keeps once
    document.undo()
    assert document.material is not material


def test_a_fill_takes_its_mask_away_and_not_where_to_take_from() -> None:
    document = opened()
    paint(document, "fill", 20)
    paint(document, "from", 45)
    document.replace(Picture(np.full((60, 90, 3), 95, np.uint8)), clear_mask=True)
    assert [coat.any for coat in document.coats.values()] == [False, True, False]
    document.undo()
    assert [coat.any for coat in document.coats.values()] == [True, True, False]
    document.open(picture(50, 50), "other.png")
    assert not any(coat.any for coat in document.coats.values())
    document.undo()
    assert document.coats["from"].any


def test_a_trial_is_settled_before_something_else_is_painted() -> None:
    document = opened()
    paint(document, "fill", 20)
    before = document.painted
    document.try_out(lambda mask, painted: _grown(mask, painted))
    document.aim("from")
    assert document.painted.contains(before.grow(2))
    document.undo()
    assert document.painted == before


def _grown(mask: Pixels, painted: Box) -> Region:
    return grown(mask, painted, 3)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(Folders(tmp_path / "pictures", tmp_path / "data"))
    yield library
    library.close()


def test_it_goes_with_a_fill_by_a_model_that_can_be_told(library: Library) -> None:
    session = Session(Scripted(), library)
    session.models = (PATCHES, TOY)
    session.settings.model = "patches"
    session.desk.bring(picture(), "photo.png")
    paint(session.document, "fill", 20)
    plan = session.planner.plan
    paint(session.document, "from", 80)
    assert session.planner.plan != plan or plan.box.contains(session.document.coats["from"].painted)
    run = session.generate()
    assert run is not None
    request = session.queue.backend.requests[-1]
    assert request.material is session.document.material
    session.settings.model = "toy"
    session.settings.prompt = "a red circle"
    session.generate()
    assert session.queue.backend.requests[-1].material is None


def test_after_a_crash_all_that_was_painted_comes_back(library: Library) -> None:
    session, written = Session(Scripted(), library), []
    session.desk.bring(picture(), "photo.png")
    for target, x in (("fill", 20), ("from", 45), ("not_from", 70)):
        paint(session.document, target, x)
    assert "picture" not in memory.snapshot(session, quick=True)
    safekeeping.keep(session, lambda: written.append(memory.snapshot(session, quick=True)))
    again = Session(Scripted(), library)
    memory.restore(again, written[0])
    for target, coat in session.document.coats.items():
        kept = again.document.coats[target].mask
        assert isinstance(kept, Mask)
        assert np.array_equal(kept.pixels, coat.pixels)
    safekeeping.keep(session, lambda: written.append({}))
    assert len(written) == 1  # nothing new, nothing written
    folders = library.folders
    before = set(folders.spare.rglob("*.png"))
    paint(session.document, "from", 60)
    safekeeping.keep(session, lambda: written.append(memory.snapshot(session, quick=True)))
    after = set(folders.spare.rglob("*.png"))
    assert len(before) == len(after) == 3  # those of before make room
    assert len(before & after) == 2
    memory.restore(again, written[1])
    kept = again.document.coats["from"].mask
    mine = session.document.coats["from"].mask
    assert kept is not None
    assert mine is not None
    assert np.array_equal(kept.pixels, mine.pixels)
    assert len(list(folders.assets.rglob("*.png"))) == 1  # the picture


def test_nothing_is_copied_in_the_middle_of_a_stroke(library: Library) -> None:
    session = Session(Scripted(), library)
    session.desk.bring(picture(), "photo.png")
    session.document.begin_stroke(Brush(5, 1.0))
    session.document.stroke_to(20, 20)
    safekeeping.keep(session, lambda: pytest.fail("in the middle of a stroke"))
    assert session.document.coat.copied is None
