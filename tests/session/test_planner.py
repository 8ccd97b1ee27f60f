from __future__ import annotations

import numpy as np

from studio.core.geometry import Box, Margins, Size
from studio.core.picture import Mask
from studio.imaging.cropping import plan_crop
from studio.imaging.extending import extended
from studio.session.session import Session
from tests.session.scripted import STARTER, asked, new_session, picture


def painted(session: Session, box: Box, width: int = 600, height: int = 400) -> Mask:
    """A session with a picture of that size, painted over in the box."""
    session.desk.bring(picture(90, width, height), "photo.png")
    pixels = np.zeros((height, width), np.uint8)
    pixels[box.rows, box.columns] = 255
    mask = Mask(pixels)
    session.document.set_mask(mask)
    return mask


def test_the_plan_is_what_the_engine_will_do() -> None:
    session = new_session()
    mask = painted(session, Box(200, 150, 60, 40))
    native = STARTER.abilities.native_size
    assert session.planner.plan == plan_crop(mask.size, mask, native, 8, 0.5, 8)
    assert session.planner.region == Box(200, 150, 60, 40)
    session.settings.context, session.settings.feather = 1.5, 20
    assert session.planner.plan == plan_crop(mask.size, mask, native, 8, 1.5, 20)


def test_there_is_no_plan_without_something_to_fill_or_a_model() -> None:
    session = new_session()
    assert session.planner.plan is None
    session.desk.bring(picture(90, 600, 400), "photo.png")
    assert session.planner.plan is None
    painted(session, Box(1, 1, 5, 5))
    assert session.planner.plan is not None
    session.settings.model = "lost"
    assert session.planner.plan is None
    assert session.planner.region.empty
    session.settings.model = "starter"
    session.document.mask_clear()
    assert session.planner.plan is None


def test_a_change_is_told_once_until_somebody_looks() -> None:
    session = new_session()
    painted(session, Box(200, 150, 60, 40))
    told = []
    session.planner.changed.connect(lambda: told.append(1))
    assert session.planner.plan
    session.settings.feather = 3
    session.settings.feather = 4
    assert len(told) == 1
    assert session.planner.plan.band == 4
    session.settings.context = 2.0
    assert len(told) == 2


def test_a_chosen_box_is_asked_for_until_the_mask_or_the_picture_goes() -> None:
    session = new_session()
    painted(session, Box(200, 150, 60, 40))
    framing = session.desk.framing
    framing.box = Box(100, 100, 300, 900)
    assert framing.box == Box(100, 100, 300, 300)
    assert session.planner.plan
    assert session.planner.plan.box == Box(100, 100, 300, 300)
    session.generate()
    assert asked(session)[-1].recipe.box == Box(100, 100, 300, 300)
    session.document.mask_clear()
    assert framing.box is None
    painted(session, Box(200, 150, 60, 40))
    framing.box = Box(100, 100, 300, 300)
    session.desk.bring(picture(10, 40, 40), "other.png")
    assert framing.box is None
    framing.box = Box(50, 50, 5, 5)
    assert framing.box is None


def test_margins_make_the_next_run_an_extension() -> None:
    session = new_session()
    source = picture(90, 100, 80)
    session.desk.bring(source, "photo.png")
    margins = Margins(30, 0, 10, 0)
    session.desk.framing.margins = margins
    assert session.action == "fill"
    larger, mask = extended(source, None, margins)
    assert session.planner.plan == plan_crop(
        larger.size, mask, Size(128, 128), 8, 0.5, 8, parts="across"
    )
    session.generate()
    request = asked(session)[-1]
    assert (request.source, request.mask) == (source, None)
    assert request.recipe.extend == margins
    session.desk.bring(picture(90, 100, 80), "other.png")
    assert not session.desk.framing.margins
    assert session.action == "refine"


def test_margins_stay_within_what_can_be_made() -> None:
    session = new_session()
    framing = session.desk.framing
    framing.margins = Margins(5, 5, 5, 5)
    assert not framing.margins
    session.desk.bring(picture(90, 100, 80), "photo.png")
    framing.margins = Margins(-5, 99999, 10, 99999)
    assert framing.margins.left == 0
    assert framing.size.height == 16384
    assert framing.size.width == 110


def test_an_accepted_extension_is_one_step_to_undo() -> None:
    session = new_session()
    source = picture(90, 32, 24)
    session.desk.bring(source, "photo.png")
    session.desk.framing.margins = Margins(4, 0, 4, 0)
    run = session.generate()
    assert run is not None
    from studio.core.events import Finished, Plan, Result, Started
    from studio.core.record import Record
    from tests.session.scripted import stepped

    plan = Plan(Box(0, 0, 40, 24), Size(40, 24), 8)
    session.receive(Started(run.id, run.recipe, 0, 2, plan))
    session.receive(stepped(run.id, 0, 2))
    shown = session.viewing.shown
    assert shown is not None
    assert shown.picture.size == Size(40, 24)
    from pathlib import Path

    result = Result(picture(1, 40, 24), Path("/pictures/a.png"), Record(run.recipe), 0)
    session.receive(Finished(run.id, (result,), 1.0))
    session.viewing.accept()
    assert session.document.picture is result.picture
    assert not session.desk.framing.margins
    session.document.undo()
    assert session.document.picture is source
