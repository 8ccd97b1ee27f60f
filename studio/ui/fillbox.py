"""How the region that is painted over, or added, is filled."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QVBoxLayout, QWidget

from studio.core.filling import AUTOMATIC, CHANNELS, FILLS
from studio.core.geometry import Box
from studio.core.recipe import MAX_SIDE
from studio.session.filler import from_photo, maker_of
from studio.session.session import Session
from studio.session.wording import plan_text
from studio.ui.bind import bind, watch
from studio.ui.controls import NumberRow, Section, button, label, name, whole_field
from studio.ui.materialrow import MaterialRow
from studio.ui.rows import bind_number, bind_percent, percent
from studio.ui.samplerbox import choice, combo_row

SIDES = (("x", "Left edge"), ("y", "Upper edge"), ("width", "Width"), ("height", "Height"))

FULL = (
    "A large region is not reduced to the model's size but denoised in parts that overlap: "
    "slower, and as sharp as the picture."
)
SIDE_BY_SIDE = (
    "A picture that is wider (or taller) than the model's is denoised in parts that overlap, each "
    "as high (or wide) as all of it: it is reduced less, and goes on better."
)


class FillBox(QFrame):
    """Hidden while there is nothing to fill."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        settings = session.settings
        self.setProperty("card", True)
        name(self, "fill_box", "Fill")
        titles = ((AUTOMATIC, "Automatic"), *((word, title) for word, title, _ in FILLS))
        self.material = MaterialRow(session)
        self.fill = choice(
            settings, "fill", "Start from", titles, "What is under the mask at the first step."
        )
        for index, (_, _, help) in enumerate(FILLS, start=1):
            self.fill.setItemData(index, help, Qt.ItemDataRole.ToolTipRole)
        self.strength = percent(
            "Strength",
            "fill_strength",
            "How much of what is under the mask is given up: 100 % keeps nothing.",
        )
        bind_percent(settings, "fill_strength", self.strength)
        self.continues = percent(
            "Strength",
            "continue_strength",
            "How freely the surroundings are carried on: low stays close to plain colours. "
            "With a prompt there is a strength of its own.",
        )
        bind_percent(settings, "continue_strength", self.continues)
        self.photo = percent(
            "Strength", "photo_strength", "How much of what is under the mask is given up."
        )
        bind_percent(settings, "photo_strength", self.photo)
        self.context = NumberRow(
            "Surroundings",
            "context",
            (0, 3),
            (0, 10),
            decimals=2,
            tip="How much around the mask the model sees, in multiples of the mask's extent.",
        )
        self.context.field.setSuffix(" ×")
        bind_number(settings, "context", self.context)
        self.feather = NumberRow(
            "Soft edge", "feather", (0, 64), (0, 512), tip="Width of the blend, in pixels."
        )
        self.feather.field.setSuffix(" px")
        bind_number(settings, "feather", self.feather)
        self.match = percent(
            "Colour match",
            "colour_match",
            "How far the colours of the fill are drawn to those around it.",
            low=0,
        )
        bind_percent(settings, "colour_match", self.match)
        self.channels = choice(
            settings,
            "inpaint_channels",
            "Inpainting channels",
            tuple((word, title) for word, title, _ in CHANNELS),
            "Whether the network is told the mask; this one was made for that.",
        )
        self.channels_row = QWidget()
        self.channels_row.setLayout(combo_row("Inpainting channels", self.channels))
        self.plan = label("", "quiet")
        self.plan.setWordWrap(True)
        name(self.plan, "plan_text", "Plan of the fill")
        self.show_plan = QCheckBox("Show the plan on the picture")
        name(self.show_plan, "show_plan", "Show the plan on the picture")
        bind(
            settings,
            "show_plan",
            self.show_plan,
            self.show_plan.toggled,
            self.show_plan.isChecked,
            self.show_plan.setChecked,
        )
        self.full = QCheckBox("Full detail, in parts")
        name(self.full, "full_detail", "Full detail, in parts", FULL)
        self.exact = Section("What the model sees", "box")
        self.sides = {
            side: whole_field(f"box_{side}", text, 0, MAX_SIDE, f"{text}, in pixels")
            for side, text in SIDES
        }
        self.auto = button(
            "maximize", "box_auto", "Automatic", "Go by the surroundings again (double click)"
        )
        self.exact.rows.addLayout(self._box_row())
        box = QVBoxLayout(self)
        box.setContentsMargins(10, 8, 10, 10)
        box.setSpacing(8)
        box.addWidget(self.material)
        box.addLayout(combo_row("Start from", self.fill))
        for part in (
            self.strength,
            self.continues,
            self.photo,
            self.context,
            self.feather,
            self.match,
            self.full,
            self.channels_row,
            self.plan,
            self.show_plan,
            self.exact,
        ):
            box.addWidget(part)
        self.auto.clicked.connect(self._automatic)
        self.full.clicked.connect(self._set_full)
        for signal in (settings.events.full, settings.events.extend_full):
            watch(signal, self, self._show_full)
        for field in self.sides.values():
            field.editingFinished.connect(self._typed)
        watch(session.action_changed, self, self._show)
        watch(session.planner.changed, self, self._show_plan)
        watch(session.models_changed, self, self._show)
        self._show()

    def _box_row(self) -> QGridLayout:
        # In two rows: four numbers beside each other are wider than the panel may be.
        grid = QGridLayout()
        grid.setHorizontalSpacing(4)
        rows = (("at", "x", ",", "y"), ("size", "width", "×", "height"))
        for number, (words, first, sign, second) in enumerate(rows):
            grid.addWidget(label(words, "quiet"), number, 0)
            grid.addWidget(self.sides[first], number, 1)
            grid.addWidget(label(sign, "quiet"), number, 2)
            grid.addWidget(self.sides[second], number, 3)
        for side in self.sides.values():
            side.setFixedWidth(64)
        grid.setColumnStretch(4, 1)
        grid.addWidget(self.auto, 0, 5)
        return grid

    def _set_full(self, on: bool) -> None:
        setattr(self.session.settings, self._full_field, on)

    def _show_full(self, *_: object) -> None:
        self.full.setChecked(getattr(self.session.settings, self._full_field))
        margins = bool(self.session.desk.framing.margins)
        self.full.setText("In parts, side by side" if margins else "Full detail, in parts")
        self.full.setToolTip(SIDE_BY_SIDE if margins else FULL)

    @property
    def _full_field(self) -> str:
        """Margins are of what the picture is of, so they have a choice of their own."""
        return "extend_full" if self.session.desk.framing.margins else "full"

    def _automatic(self) -> None:
        self.session.desk.framing.box = None

    def _typed(self) -> None:
        plan = self.session.planner.plan
        box = Box(*(self.sides[side].value() for side, _ in SIDES))
        if plan is not None and box != plan.box:
            self.session.desk.framing.box = box

    def _show(self) -> None:
        model, settings = maker_of(self.session), self.session.settings
        itself = from_photo(self.session)
        self.setVisible(self.session.action == "fill")
        able = bool(model and model.abilities.inpaint_channels and not itself)
        self.full.setVisible(not itself)
        # What a model that has none cannot do must be seen, to be set right.
        self.channels_row.setVisible(able or settings.inpaint_channels == "on")
        words = bool(settings.prompt.strip())
        self.strength.setVisible(words and not itself)
        self.continues.setVisible(not words and not itself)
        self.photo.setVisible(itself)
        # The word, not the title: that would be cut off.
        self.fill.setItemText(0, f"Automatic ({self.session.recipe().fill})")
        self._show_full()
        self._show_plan()

    def _show_plan(self) -> None:
        plan = self.session.planner.plan
        self.plan.setVisible(plan is not None)
        self.auto.setEnabled(self.session.desk.framing.box is not None)
        if plan is None:
            return
        region, margins = self.session.planner.region, self.session.desk.framing.margins
        self.plan.setText(plan_text(plan, region, margins))
        for (side, _), value in zip(SIDES, _numbers(plan.box), strict=True):
            if not self.sides[side].hasFocus():
                self.sides[side].setValue(value)


def _numbers(box: Box) -> tuple[int, int, int, int]:
    return box.x, box.y, box.width, box.height
