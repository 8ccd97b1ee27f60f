import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.errors import BadInput
from studio.core.geometry import Box, Size
from studio.core.picture import Mask, Picture
from studio.imaging.brush import Brush
from studio.imaging.region import NOWHERE, Region, extent
from studio.imaging.reshaping import grown
from studio.session.document import Document


def picture(width: int = 300, height: int = 200, value: int = 7) -> Picture:
    return Picture(np.full((height, width, 3), value, np.uint8))


def opened(width: int = 300, height: int = 200) -> Document:
    document = Document()
    document.open(picture(width, height), "photo")
    return document


def stroke(document: Document, *points: tuple[float, float], brush: Brush | None = None) -> None:
    document.begin_stroke(brush or Brush(8, 1.0))
    for x, y in points:
        document.stroke_to(x, y)
    document.end_stroke()


def mask_bytes(document: Document) -> bytes:
    return document.mask.pixels.tobytes() if document.mask else b""


def test_a_new_document_has_nothing_and_painting_on_nothing_does_nothing():
    document = Document()
    stroke(document, (5, 5))
    document.mask_invert()
    document.mask_clear()
    document.clear()
    document.undo()
    document.redo()
    assert (document.picture, document.mask, document.name) == (None, None, "")
    assert not document.has_mask
    assert not document.can_undo


def test_a_stroke_is_one_step_to_undo_and_to_redo():
    document = opened()
    stroke(document, (50, 50), (120, 80), (200, 30))
    painted = mask_bytes(document)
    assert document.has_mask
    document.undo()
    assert document.mask is None
    assert not document.can_undo
    document.redo()
    assert mask_bytes(document) == painted
    assert not document.can_redo


def test_a_snapshot_of_the_mask_stays_as_it_was():
    document = opened()
    stroke(document, (50, 50))
    before = document.mask
    assert before is document.mask
    assert before is not None
    kept = before.pixels.tobytes()
    stroke(document, (150, 100))
    assert before.pixels.tobytes() == kept
    assert document.mask is not before


def test_the_live_mask_cannot_be_written_through():
    document = opened()
    stroke(document, (50, 50))
    assert document.live_mask is not None
    with pytest.raises(ValueError, match="read-only"):
        document.live_mask[0, 0] = 1


def test_every_change_is_told_once_with_its_box():
    document = Document()
    told: list[object] = []
    document.picture_changed.connect(lambda: told.append("picture"))
    document.mask_changed.connect(lambda box: told.append(box))
    document.history_changed.connect(lambda: told.append("history"))
    document.open(picture(), "photo")
    assert told == ["picture", "history"]
    told.clear()
    document.begin_stroke(Brush(4, 1.0))
    document.stroke_to(100, 90)
    document.stroke_to(100, 90)
    document.end_stroke()
    (box, history) = told
    assert isinstance(box, Box)
    assert Box(94, 84, 12, 12).contains(box)
    assert history == "history"
    told.clear()
    document.open(picture(20, 10), "other")
    assert told == ["picture", Box(0, 0, 20, 10), "history"]


def test_a_stroke_that_changes_nothing_is_no_step():
    document = opened()
    stroke(document, (50, 50), brush=Brush(8, 1.0, erase=True))
    stroke(document, (-500, -500))
    assert not document.can_undo


def test_erasing_the_last_of_the_mask_leaves_no_mask():
    document = opened()
    stroke(document, (50, 50))
    stroke(document, (50, 50), brush=Brush(20, 1.0, erase=True))
    assert not document.has_mask
    assert document.mask is None


def test_opening_another_picture_clears_the_mask_and_undo_brings_both_back():
    document = opened()
    first = document.picture
    stroke(document, (50, 50))
    painted = mask_bytes(document)
    document.open(picture(40, 30), "other")
    assert document.name == "other"
    assert document.mask is None
    document.undo()
    assert document.picture is first
    assert document.name == "photo"
    assert mask_bytes(document) == painted
    document.undo()
    assert document.mask is None
    document.redo()
    document.redo()
    assert document.name == "other"
    assert document.mask is None


@pytest.mark.parametrize("clear_mask", [True, False])
@pytest.mark.parametrize("size", [Size(300, 200), Size(1400, 1200)])
def test_a_fill_and_its_mask_come_back_in_one_step(size: Size, clear_mask: bool):
    document = opened(size.width, size.height)
    stroke(document, (50, 50), (250, 150))
    painted = mask_bytes(document)
    before = document.picture.pixels.tobytes()
    filled = document.picture.pixels.copy()
    filled[30:170, 30:270] = 200
    document.replace(Picture(filled), clear_mask=clear_mask)
    assert document.has_mask is not clear_mask
    document.undo()
    assert document.picture.pixels.tobytes() == before
    assert mask_bytes(document) == painted
    document.redo()
    assert document.picture.pixels.tobytes() == filled.tobytes()
    assert document.has_mask is not clear_mask


def test_a_fill_of_a_large_photo_keeps_only_what_changed():
    document = opened(1400, 1200)
    filled = document.picture.pixels.copy()
    filled[300:400, 300:400] = np.random.default_rng(0).integers(0, 255, (100, 100, 3))
    document.replace(Picture(filled))
    assert 0 < document.undo_bytes < 5 * 256 * 256 * 3


def test_a_version_of_another_size_loses_the_mask():
    document = opened()
    stroke(document, (50, 50))
    document.replace(picture(600, 400))
    assert document.mask is None
    document.undo()
    assert document.has_mask


def test_invert_clear_and_set():
    document = opened(30, 20)
    document.mask_invert()
    assert (document.mask.pixels == 255).all()
    given_mask = Mask(np.arange(600, dtype=np.uint16).reshape(20, 30).astype(np.uint8))
    document.set_mask(given_mask)
    assert mask_bytes(document) == given_mask.pixels.tobytes()
    document.mask_invert()
    assert (document.mask.pixels == 255 - given_mask.pixels).all()
    document.mask_clear()
    assert document.mask is None
    for _ in range(3):
        document.undo()
    assert (document.mask.pixels == 255).all()


def test_a_mask_of_another_size_is_refused():
    document = opened(30, 20)
    with pytest.raises(BadInput, match="20x30 and the picture 30x20"):
        document.set_mask(Mask(np.zeros((30, 20), np.uint8)))
    with pytest.raises(BadInput, match="needs a picture"):
        Document().set_mask(Mask(np.zeros((30, 20), np.uint8)))


def test_a_picture_that_arrives_during_a_stroke_ends_it():
    document = opened()
    document.begin_stroke(Brush(8, 1.0))
    document.stroke_to(50, 50)
    document.open(picture(40, 30), "other")
    document.stroke_to(20, 20)
    assert document.mask is None
    document.undo()
    assert document.has_mask
    document.undo()
    assert document.mask is None


def test_the_oldest_steps_go_when_the_budget_is_full_and_the_newest_stays():
    document = Document(undo_budget=20_000)
    document.open(picture(600, 600), "photo")
    random = np.random.default_rng(0)
    states = []
    for _ in range(20):
        document.set_mask(Mask(random.integers(0, 255, (600, 600), dtype=np.uint8)))
        states.append(mask_bytes(document))
    assert document.can_undo
    document.undo()
    assert mask_bytes(document) == states[-2]
    assert not document.can_undo
    assert document.undo_bytes < 600 * 600 * 1.1


steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("stroke"),
            st.floats(-20, 620),
            st.floats(-20, 320),
            st.floats(-20, 620),
            st.floats(0.5, 60),
            st.floats(0, 1),
            st.booleans(),
        ),
        st.tuples(st.sampled_from(["undo", "redo", "invert", "clear", "open", "fill", "gone"])),
    ),
    max_size=14,
)


@settings(max_examples=50, deadline=None)
@given(steps)
def test_any_sequence_of_changes_undoes_and_redoes_to_the_exact_bytes(sequence):
    document = Document()
    document.open(picture(600, 300, 200), "photo")

    def state() -> tuple[bytes, str, bytes]:
        pixels = document.picture.pixels.tobytes() if document.picture else b""
        return pixels, document.name, mask_bytes(document)

    past, future, here = [], [], state()
    for number, (what, *values) in enumerate(sequence):
        if what == "undo":
            document.undo()
            if past:
                future.append(here)
                here = past.pop()
        elif what == "redo":
            document.redo()
            if future:
                past.append(here)
                here = future.pop()
        else:
            empty, could_undo = document.picture is None, document.can_undo
            match what:
                case "stroke":
                    x, y, x2, radius, opacity, erase = values
                    brush = Brush(radius, 0.5, opacity, erase)
                    stroke(document, (x, y), (x2, y / 2), brush=brush)
                case "invert":
                    document.mask_invert()
                case "clear":
                    document.mask_clear()
                case "open":
                    document.open(picture(100 + number, 50, number), f"{number}")
                case "fill" if document.picture:
                    size = document.picture.size
                    document.replace(picture(size.width, size.height, number), clear_mask=True)
                case "gone":
                    document.clear()
            if state() != here:
                if not empty:
                    past.append(here)
                else:
                    assert document.can_undo == could_undo
                future.clear()
                here = state()
        assert state() == here
        assert document.can_undo == bool(past)
        assert document.can_redo == bool(future)
    while document.can_undo:
        document.undo()
        assert state() == past.pop()


def square(left: int, top: int, side: int, value: int = 255) -> Region:
    return Region.even(Box(left, top, side, side), value)


def test_selections_are_combined_and_each_is_one_step():
    document = opened(300, 200)
    document.select(square(10, 10, 150), "add")
    document.select(square(50, 50, 20), "subtract")
    assert document.painted == Box(10, 10, 150, 150)
    document.select(square(40, 40, 400).within(Box(40, 40, 260, 160)), "intersect")
    assert document.painted == Box(40, 40, 120, 120)
    document.select(square(0, 0, 5), "replace")
    assert document.painted == Box(0, 0, 5, 5)
    for painted in (Box(40, 40, 120, 120), Box(10, 10, 150, 150)):
        document.undo()
        assert document.painted == painted
    document.undo()
    document.undo()
    assert not document.has_mask
    assert document.painted.empty


def test_select_all_and_clear():
    document = opened(30, 20)
    document.mask_fill()
    assert (document.mask.pixels == 255).all()
    document.mask_clear()
    document.mask_clear()
    assert document.mask is None
    document.undo()
    document.undo()
    assert not document.can_undo


def test_a_trial_shows_and_leaves_one_step_or_none():
    document = opened(300, 200)
    document.select(square(100, 50, 40), "add")
    before = mask_bytes(document)
    for amount in (3, 9, 5):
        document.try_out(lambda mask, painted, by=amount: grown(mask, painted, by))
        assert document.painted == Box(100, 50, 40, 40).grow(amount)
    assert document.trying
    document.settle()
    assert not document.trying
    assert document.painted == Box(95, 45, 50, 50)
    document.undo()
    assert mask_bytes(document) == before
    document.try_out(lambda mask, painted: grown(mask, painted, 7))
    document.give_up()
    assert mask_bytes(document) == before
    document.redo()
    assert document.painted == Box(95, 45, 50, 50)


def test_undo_takes_back_what_is_being_tried_and_no_more():
    document = opened(300, 200)
    document.select(square(100, 50, 40), "add")
    document.try_out(lambda mask, painted: grown(mask, painted, 7))
    document.undo()
    assert document.painted == Box(100, 50, 40, 40)
    assert not document.trying
    document.undo()
    assert not document.has_mask


def test_a_stroke_settles_a_trial_first():
    document = opened(300, 200)
    document.select(square(100, 50, 40), "add")
    document.try_out(lambda mask, painted: grown(mask, painted, 7))
    stroke(document, (20, 20))
    document.undo()
    assert document.painted == Box(93, 43, 54, 54)


def test_a_trial_without_a_picture_or_a_change_is_nothing():
    Document().try_out(lambda mask, painted: Region.even(painted, 255))
    document = opened(30, 20)
    document.try_out(lambda mask, painted: Region.even(painted, 255))
    assert not document.trying
    assert not document.can_undo


def test_a_dropped_stroke_leaves_no_trace():
    document = opened()
    stroke(document, (50, 50))
    before = mask_bytes(document)
    document.undo()
    document.begin_stroke(Brush(30, 1.0))
    document.stroke_to(80, 80)
    document.drop_stroke()
    document.drop_stroke()
    assert not document.has_mask
    document.redo()
    assert mask_bytes(document) == before


def test_what_is_painted_is_known_however_it_came_about():
    document = opened(600, 300)
    rng = np.random.default_rng(0)
    for turn in range(60):
        x, y, radius = rng.uniform(0, 600), rng.uniform(0, 300), rng.uniform(1, 60)
        match turn % 6:
            case 0 | 1:
                stroke(document, (x, y), brush=Brush(radius, 1.0))
            case 2 | 3:
                stroke(document, (x, y), (300, 150), brush=Brush(radius, 1.0, erase=True))
            case 4:
                document.undo()
            case 5:
                document.select(square(int(x) // 2, int(y) // 2, 50), "intersect")
        mask = document.coat.pixels
        wanted = extent(mask, Box(0, 0, 600, 300)) if mask is not None else NOWHERE
        assert document.has_mask == (not wanted.empty)
        assert document.painted == wanted


def test_a_copy_of_the_mask_is_made_only_when_it_is_asked_for():
    document = opened()
    stroke(document, (50, 50))
    assert document.coat.copied is None
    assert document.mask is document.coat.copied
    stroke(document, (60, 50))
    assert document.coat.copied is None


def test_what_undo_keeps_gets_smaller_when_there_is_time_and_is_still_exact():
    document = opened(900, 700)
    states = [mask_bytes(document)]
    for number in range(8):
        brush = Brush(90, 0.0, erase=number % 3 == 2)
        stroke(document, (100 + 80 * number, 100), (150, 600), brush=brush)
        states.append(mask_bytes(document))
    loose, turns = document.undo_bytes, 0
    while document.tidy():
        turns += 1
    assert turns > 3
    assert document.undo_bytes < loose * 0.7
    for state in states[-2::-1]:
        document.undo()
        assert mask_bytes(document) == state
        document.tidy()
    for state in states[1:]:
        document.redo()
        assert mask_bytes(document) == state


def test_steps_are_packed_before_any_is_forgotten():
    document = Document(undo_budget=1_500_000)
    document.open(picture(900, 700), "photo")
    for number in range(12):
        stroke(document, (100 + 60 * number, 100), (150, 600), brush=Brush(60, 0.3))
        assert document.undo_bytes <= 1_500_000
    loose = Document(undo_budget=10**9)
    loose.open(picture(900, 700), "photo")
    for number in range(12):
        stroke(loose, (100 + 60 * number, 100), (150, 600), brush=Brush(60, 0.3))
    assert loose.undo_bytes > 2_000_000
    for _ in range(12):
        document.undo()
    assert not document.has_mask


@pytest.mark.parametrize("held", [True, False])
def test_a_large_fill_goes_back_and_forth_whether_or_not_its_pictures_are_held_elsewhere(held):
    random = np.random.default_rng(0)
    pixels = random.integers(0, 255, (1300, 1300, 3), dtype=np.uint8)
    filled = pixels.copy()
    filled[500:700, 300:800] = 7
    pictures = [Picture(pixels), Picture(filled)]
    document = Document()
    document.open(pictures[0], "photo")
    document.replace(pictures[1])
    same = list(pictures)
    if not held:
        del same, pictures
    for _ in range(2):
        document.undo()
        assert np.array_equal(document.picture.pixels, pixels)
        assert not held or document.picture is same[0]
        document.redo()
        assert np.array_equal(document.picture.pixels, filled)
        assert not held or document.picture is same[1]
    assert document.undo_bytes < pixels.nbytes / 4
