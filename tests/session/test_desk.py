from __future__ import annotations

from pathlib import Path

from studio.core.recipe import Recipe
from studio.core.record import Record
from studio.session.desk import Desk, Known
from tests.session.scripted import mask_for, picture

MADE = Known(Path("/pictures/made.png"), Record(Recipe(seed=5)))


def test_an_empty_desk_generates() -> None:
    desk = Desk()
    desk.use_source = True
    assert desk.action == "generate"


def test_a_brought_picture_is_refined_until_told_otherwise() -> None:
    desk = Desk()
    desk.bring(picture(), "photo.jpg")
    assert desk.action == "refine"
    desk.use_source = False
    assert desk.action == "generate"


def test_a_result_that_is_shown_does_not_change_what_generate_means() -> None:
    desk = Desk()
    made = picture()
    desk.place(made, MADE)
    assert desk.action == "generate"
    assert desk.document.name == "made.png"
    assert desk.known(made) is MADE


def test_painting_on_either_fills() -> None:
    for start in ("bring", "place"):
        desk, made = Desk(), picture()
        if start == "bring":
            desk.bring(made, "photo.jpg")
        else:
            desk.place(made, MADE)
        before = desk.action
        desk.document.set_mask(mask_for(made))
        assert desk.action == "fill"
        desk.document.mask_clear()
        assert desk.action == before


def test_undo_remembers_which_pictures_are_sources() -> None:
    desk = Desk()
    desk.place(picture(1), MADE)
    desk.bring(picture(2), "photo.jpg")
    desk.document.undo()
    assert desk.action == "generate"
    desk.document.redo()
    assert desk.action == "refine"


def test_a_merged_edit_takes_the_mask_with_it_in_one_undo_step() -> None:
    desk = Desk()
    photo = picture(1)
    desk.bring(photo, "photo.jpg")
    desk.document.set_mask(mask_for(photo))
    desk.merge(picture(2), MADE)
    assert desk.action == "refine"
    desk.document.undo()
    assert desk.document.picture is photo
    assert desk.action == "fill"


def test_every_change_of_the_action_is_told() -> None:
    desk, told = Desk(), []
    desk.changed.connect(lambda: told.append(desk.action))
    desk.bring(picture(), "photo.jpg")
    assert told[-1] == "refine"
    desk.document.set_mask(mask_for(picture()))
    assert told[-1] == "fill"
    desk.clear()
    assert told[-1] == "generate"
