"""Where a fill may take its material from, and where not, as veils of two colours."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPainter

from studio.core.geometry import Box
from studio.session.coat import Target
from studio.session.document import Document
from studio.ui import canvas_paint as paint
from studio.ui.bind import watch
from studio.ui.canvas_layers import MaskLayer
from studio.ui.canvas_overlay import Overlay
from studio.ui.canvas_screen import CanvasScreen
from studio.ui.canvas_view import View

COLORS: dict[Target, str] = {"from": "#1a86d8", "not_from": "#e58a12"}
"""Blue and orange: told apart by everyone, and from the mask."""


class MaterialOverlay(Overlay):
    """Follows what is painted; seen while the document's own picture is."""

    def __init__(self, document: Document, canvas: CanvasScreen) -> None:
        self.document, self.canvas = document, canvas
        self._layers: dict[Target, MaskLayer] = {}
        watch(document.material_changed, canvas, self._changed)
        watch(document.picture_changed, canvas, self._match)
        canvas.overlays.add(self)

    def paint(self, painter: QPainter, view: View, ratio: float) -> None:
        picture = self.document.picture
        if picture is None or self.canvas.shown is not picture:
            return
        for target, layer in self._layers.items():
            if self.document.coats[target].any:
                look = paint.stripes(
                    QColor(COLORS[target]).rgb(), self.canvas.overlay_opacity, ratio
                )
                place = self.canvas.place_of(picture.size)
                seen = painter.clipBoundingRect()
                layer.draw(painter, place, seen, self.canvas.smooth, look)

    def _changed(self, box: Box) -> None:
        self._match()
        for layer in self._layers.values():
            layer.update(box)
        self.canvas.update(self.canvas.screen_rect(box))

    def _match(self) -> None:
        """Look at the pixels that are painted on now."""
        for target in COLORS:
            coat = self.document.coats[target]
            live, layer = coat.live, self._layers.get(target)
            if live is None:
                self._layers.pop(target, None)
            elif layer is None or not layer.follows(live):
                self._layers[target] = MaskLayer(live, coat.painted)
