"""Width and height, with the usual shapes at the size the model is best at."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from studio.core.geometry import Size
from studio.core.recipe import MAX_SIDE
from studio.core.sizing import working_size
from studio.session.session import Session
from studio.ui.bind import bind, watch
from studio.ui.controls import button, label, whole_field

SHAPES = (
    ("Square", 1, 1),
    ("Portrait 3:4", 3, 4),
    ("Portrait 2:3", 2, 3),
    ("Landscape 4:3", 4, 3),
    ("Landscape 3:2", 3, 2),
    ("Wide 16:9", 16, 9),
)


class SizeRow(QWidget):
    """Steps in the model's own multiples."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.width_field = whole_field("width", "Width", 1, MAX_SIDE, "Width in pixels")
        self.height_field = whole_field("height", "Height", 1, MAX_SIDE, "Height in pixels")
        self.swap = button("arrow-left-right", "swap_sides", "Swap width and height")
        self.shapes = button("chevron-down", "shapes", "Usual sizes")
        self.shapes.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.shapes.setMenu(self.menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(label("Size"))
        row.addStretch(1)
        for part in (self.width_field, self.swap, self.height_field, self.shapes):
            row.addWidget(part)
        for field, box in (("width", self.width_field), ("height", self.height_field)):
            box.setFixedWidth(58)
            bind(session.settings, field, box, box.valueChanged, box.value, box.setValue)
        self.swap.clicked.connect(self._swap)
        watch(session.models_changed, self, self._model_changed)
        watch(session.settings.events.model, self, self._model_changed)
        watch(session.action_changed, self, self._action_changed)
        self._model_changed()
        self._action_changed()

    def _model_changed(self, *_: object) -> None:
        step = self.session.model.abilities.multiple if self.session.model else 8
        for box in (self.width_field, self.height_field):
            box.setSingleStep(step)

    def _action_changed(self) -> None:
        # A fill keeps the picture's size, whatever is set here; so may a refinement.
        action, keep = self.session.action, self.session.settings.keep_size
        self.setEnabled(action == "generate" or (action == "refine" and not keep))

    def _swap(self) -> None:
        settings = self.session.settings
        settings.width, settings.height = settings.height, settings.width

    def _fill_menu(self) -> None:
        self.menu.clear()
        model = self.session.model
        native = model.abilities.native_size if model else Size(256, 256)
        multiple = model.abilities.multiple if model else 8
        for text, across, down in SHAPES:
            size = working_size(Size(across * 1000, down * 1000), native, multiple)
            action = self.menu.addAction(f"{text}    {size.width} × {size.height}")
            action.triggered.connect(lambda _=False, size=size: self._set(size))

    def _set(self, size: Size) -> None:
        self.session.settings.width, self.session.settings.height = size.width, size.height
