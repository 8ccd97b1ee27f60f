"""On a screen with scaling, which a process has or has not from its start."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import math
import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from studio.core.picture import Picture
from studio.session.document import Document
from studio.ui.canvas import CanvasView
from studio.session.pen import Tool
from studio.ui.pixels import from_qimage
from studio.ui.strip import TrajectoryStrip

app = QApplication([])
document = Document()
canvas = CanvasView(document)
ratio = canvas.devicePixelRatioF()
canvas.resize(432, 352)
canvas.show()
pixels = np.zeros((80, 100, 3), np.uint8)
pixels[::2] = 255
document.open(Picture(pixels), "lines")

canvas.actual_size()
canvas.pen.tool = Tool.HAND
image = canvas.grab().toImage()
left, top = canvas.view.to_screen(0, 0)
rows = [image.pixelColor(int(left) + 50, int(top) + y).red() for y in range(80)]
print("crisp", rows == [255, 0] * 40)

canvas.fit()
canvas.pen.tool = Tool.BRUSH
canvas.pen.size = 10
x, y = canvas.view.to_screen(40.5, 30.5)
QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(int(x / ratio), int(y / ratio)))
rows, columns = np.nonzero(document.mask.pixels > 127)
print("painted", abs(rows.mean() - 30) < 0.7 and abs(columns.mean() - 40) < 0.7)

canvas.pen.tool = Tool.HAND
parts = []
piecewise = canvas.grab()
before = piecewise.toImage()
document.mask_changed.connect(lambda box: parts.append(canvas.screen_rect(box)))
document.begin_stroke(canvas.pen.brush)
document.stroke_to(60.3, 50.7)
document.end_stroke()
for part in parts:
    canvas.render(piecewise, part.topLeft(), QRegion(part))
pair = [from_qimage(i).pixels.astype(int) for i in (piecewise.toImage(), canvas.grab().toImage())]
print("seamless", abs(pair[0] - pair[1]).max() <= 1 and piecewise.toImage() != before)

strip = TrajectoryStrip()
strip.resize(1000, 140)
strip.start(10)
strip.add(3, Picture(np.full((16, 16, 3), (10, 200, 30), np.uint8)), "Step 3")
image = strip.film.viewport().grab().toImage()
place = strip.film.cell(3).center() * ratio
print("strip", image.pixelColor(int(place.x()), int(place.y()) - 12).getRgb()[:3] == (10, 200, 30))
"""


@pytest.mark.parametrize("scale", ["1.5", "2"])
def test_pixels_are_crisp_and_paint_lands_under_the_pointer(scale: str):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "QT_SCALE_FACTOR": scale, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    wanted = ["crisp True", "painted True", "seamless True", "strip True"]
    assert done.stdout.splitlines() == wanted
