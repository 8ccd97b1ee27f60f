"""How long a photo takes from being chosen to being seen, against the bare decoding of it.

    python -m tests.bench.opening [--megapixels 24] [--times 9]

Makes JPEGs (landscape, and portrait as a phone writes it), and opens each in the real window.
Prints the least of Pillow's own decoding and of the time until the window has painted the
picture, on the clock and of the processor: other programs only ever add to it. Fails if
the processor's ratio for the landscape is over the limit.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import cv2
import numpy as np
from PIL import Image
from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication

from studio.app import App
from studio.core.picture import Picture
from studio.library.folders import Folders

LIMIT = 1.5
Cost = tuple[float, float]


class Watcher(QObject):
    """Ends a loop of events once the canvas has been painted with a new picture."""

    def __init__(self, app: App) -> None:
        super().__init__()
        self.document = app.session.document
        self.loop = QEventLoop()
        self.before: Picture | None = None
        app.window.stage.canvas.installEventFilter(self)

    def wait(self) -> None:
        self.before = None
        self.loop.exec()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        picture = self.document.picture
        new = picture is not None and picture is not self.before
        if event.type() == QEvent.Type.Paint and new:
            self.before = picture
            QTimer.singleShot(0, self, self.loop.quit)  # when this turn has painted
        return False


def photo(folder: Path, megapixels: float) -> tuple[Path, Path]:
    """A landscape of soft shapes and grain, and the same with the orientation of a portrait."""
    chance = np.random.default_rng(0)
    width = round((megapixels * 1e6 * 1.5) ** 0.5)
    height = round(width / 1.5)
    coarse = chance.integers(0, 256, (height // 10, width // 10, 3), np.uint8)
    soft = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    grain = chance.normal(0, 6, (height, width, 1)).astype(np.float32)
    image = Image.fromarray((soft + grain).clip(0, 255).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    paths = folder / "landscape.jpg", folder / "portrait.jpg"
    image.save(paths[0], quality=92)
    image.save(paths[1], quality=92, exif=exif)
    return paths


def timed(do: Callable[..., object], *arguments: object) -> Cost:
    clock, processor = time.perf_counter(), time.process_time()
    do(*arguments)
    return time.perf_counter() - clock, time.process_time() - processor


def decode(path: Path) -> None:
    with Image.open(path) as image:
        image.load()


def opened(app: App, watcher: Watcher, path: Path) -> None:
    app.session.open_file(path)
    watcher.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--megapixels", type=float, default=24)
    parser.add_argument("--times", type=int, default=9)
    args = parser.parse_args()
    qt = QApplication([])
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        paths = photo(folder, args.megapixels)
        app = App(Folders(folder / "pictures", folder / "data"))
        app.window.show()
        qt.processEvents()
        watcher = Watcher(app)
        fine = True
        for path in paths:
            bare, seen = [], []
            for turn in range(args.times + 1):
                app.session.close_picture()
                qt.processEvents()
                costs = timed(decode, path), timed(opened, app, watcher, path)
                if turn:  # the first one loads libraries
                    bare.append(costs[0])
                    seen.append(costs[1])
            pillow, ours = np.min(bare, axis=0), np.min(seen, axis=0)
            ratios = ours / pillow
            slow = path is paths[0] and ratios[1] > LIMIT
            fine = fine and not slow
            print(
                f"{path.stem:<10} Pillow decodes in {pillow[0] * 1000:4.0f} ms "
                f"(processor {pillow[1] * 1000:4.0f})   seen after {ours[0] * 1000:4.0f} "
                f"({ours[1] * 1000:4.0f})   ratio {ratios[0]:.2f} ({ratios[1]:.2f})"
                f"   {'TOO SLOW' if slow else 'ok'}"
            )
        app.window.close()
        app.close()
    return 0 if fine else 1


if __name__ == "__main__":
    raise SystemExit(main())
