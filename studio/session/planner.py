"""The plan of the next fill, known before it runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from psygnal import Signal

from studio.core.events import Plan
from studio.core.geometry import Box, Margins, Size
from studio.imaging.cropping import parts_of, plan_region
from studio.imaging.region import NOWHERE
from studio.session.asking import recipe_of
from studio.session.filler import maker_of

if TYPE_CHECKING:
    from studio.session.session import Session

FOLLOWED = (
    "feather",
    "context",
    "inpaint_channels",
    "full",
    "extend_full",
    "model",
    "prompt",
)
"""The settings that a plan depends on."""


class Planner:
    """Works out, when asked, what the engine will; costs nothing while nobody asks."""

    changed = Signal()
    """The plan may be another. Told once until `plan` is looked at, and of a stroke when it ends:
    working it out at every touch of the brush would hold up the brush."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stale = True
        self._plan: Plan | None = None
        self._region = NOWHERE
        desk, settings = session.desk, session.settings
        self._untold = False
        desk.document.mask_changed.connect(self._outdate)
        desk.document.material_changed.connect(self._outdate)
        desk.document.history_changed.connect(self._tell)
        desk.document.picture_changed.connect(self._outdate)
        desk.framing.changed.connect(self._outdate)
        for name in (
            "feather",
            "context",
            "inpaint_channels",
            "full",
            "extend_full",
            "model",
            "prompt",
        ):
            getattr(settings.events, name).connect(self._outdate)
        session.models_changed.connect(self._outdate)

    @property
    def plan(self) -> Plan | None:
        """None without anything to fill, or without a model to fill it."""
        if self._stale:
            self._stale = False
            self._region, self._plan = self._made()
        return self._plan

    @property
    def region(self) -> Box:
        """What is denoised, in pixels of the picture with its margins; empty without a plan."""
        return self._region if self.plan else NOWHERE

    def _outdate(self, *_: object) -> None:
        if not self._stale:
            self._stale = self._untold = True
            if not self._session.document.painting:
                self._tell()

    def _tell(self) -> None:
        if self._untold:
            self._untold = False
            self.changed.emit()

    def _made(self) -> tuple[Box, Plan | None]:
        session, framing = self._session, self._session.desk.framing
        document, model = session.document, maker_of(session)
        if document.picture is None or model is None or session.action != "fill":
            return NOWHERE, None
        margins = framing.margins
        region = _moved(document.painted, margins)
        region = region.union(_added(document.picture.size, margins))
        if region.empty:
            return NOWHERE, None
        abilities, settings = model.abilities, session.settings
        parts = parts_of(recipe_of(session))
        told = abilities.inpaint_channels and not abilities.mask_needed
        told = told and not parts and settings.inpaint_channels != "off"
        plan = plan_region(
            framing.size,
            region,
            abilities.native_size,
            abilities.multiple,
            max(settings.context, abilities.least_context),
            settings.feather,
            framing.box,
            parts=parts,
            own_scale=abilities.own_scale,
            also=_moved(document.coats["from"].painted, margins) if abilities.material else NOWHERE,
        )
        return region, replace(plan, channels=told)


def _moved(box: Box, margins: Margins) -> Box:
    return Box(box.x + margins.left, box.y + margins.top, box.width, box.height)


def _added(size: Size, margins: Margins) -> Box:
    """The smallest box around the margins."""
    whole, inner = Box.of(margins.around(size)), margins.inner(size)
    strips = (
        Box.between(0, 0, inner.x, whole.bottom),
        Box.between(0, 0, whole.right, inner.y),
        Box.between(inner.right, 0, whole.right, whole.bottom),
        Box.between(0, inner.bottom, whole.right, whole.bottom),
    )
    around = NOWHERE
    for strip in strips:
        around = around.union(strip)
    return around
