"""How soon 500 model files are listed, and whether the window stays quick while they are hashed.

    python -m tests.bench.listing

Three programs' folders with 500 files of realistic headers. Prints the seconds until all are
listed, for the first time and again after a restart, and how late a timer of the window's was at
the 99th percentile while all of them are looked through and hashed.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtWidgets import QApplication

from studio.engine.manners import give_way
from studio.library.folders import Folders
from studio.models.catalogue import Catalogue
from studio.models.files.hashing import to_hash
from studio.ui.bridge import Errands
from studio.ui.models.page import ModelsPage
from tests.models.files.fixtures import UNET, kohya, sd1, sdxl, write
from tests.session.scripted import new_session

Shapes = dict[str, tuple[int, ...]]
TICK = 4
"""Milliseconds between two looks at the clock."""


def padded(shapes: Shapes, count: int) -> Shapes:
    """With as many more small tensors as such a file really has."""
    return shapes | {f"{UNET}more.{i}.transformer.weight": (320, 2) for i in range(count)}


def lora(width: int) -> Shapes:
    found = kohya(width)
    for block in range(264):
        module = f"lora_unet_up_blocks_{block}_attentions_0_transformer_blocks_0_attn1_to_k"
        found |= {f"{module}.alpha": (), f"{module}.lora_down.weight": (8, 320)}
        found |= {f"{module}.lora_up.weight": (320, 8)}
    return found


def make(home: Path, megabytes: int) -> list[Path]:
    """500 files: 100 checkpoints and 400 LoRAs, in the folders of three programs."""
    places = (
        (home / "ComfyUI", "models/checkpoints", "models/loras"),
        (home / "stable-diffusion-webui", "models/Stable-diffusion", "models/Lora"),
        (home / "invokeai", "models/sd-1/main", "models/sd-1/lora"),
    )
    vae = {"first_stage_model.decoder.conv_in.weight": (512, 4, 3, 3)}
    words = {"conditioner.embedders.1.model.transformer.resblocks.0.ln_1.weight": (1280,)}
    big = {2: padded(sdxl() | vae | words, 2500), 1: padded(sd1(), 1100)}
    big[1]["filler"] = (megabytes * 2**19,)
    small = {768: lora(768), 2048: lora(2048)}
    for number in range(500):
        root, checkpoints, loras = places[number % 3]
        if number % 5 == 0:
            write(root / checkpoints / f"model_{number:03}.safetensors", big[1 + number % 2])
        else:
            write(root / loras / f"lora_{number:03}.safetensors", small[(768, 2048)[number % 2]])
    return [root for root, _, _ in places]


def since(began: float) -> str:
    return f"after {time.perf_counter() - began:.3f} s"


def main() -> int:
    app = QApplication(sys.argv)
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        roots = make(home, 20)
        folders = Folders(home / "pictures", home / "data")
        shelf = Catalogue(folders).shelf
        for root in roots:
            shelf.add_folder(root)
        began = time.perf_counter()
        names: list[str] = []
        shelf.look(tell=lambda: names.append(since(began)))
        print(f"cold: {len(shelf.files)} names and sizes {names[0]}")
        print(f"cold: all {len(shelf.files)} known for what they are {since(began)}")
        began = time.perf_counter()
        again = Catalogue(folders)
        listed = len(again.files())
        again.shelf.look()
        again.models()
        print(f"warm: all {listed} listed, and looked for anew, {since(began)}")
        (folders.data / "model_files.json").unlink()
        _window(app, folders)
    return 0


def _window(app: QApplication, folders: Folders) -> None:
    errands, late = Errands(), list[float]()
    session, catalogue = new_session(), Catalogue(folders)
    page = ModelsPage(session)
    page.show()
    clock = QElapsedTimer()
    clock.start()
    timer = QTimer()

    def tick() -> None:
        late.append(max(0.0, clock.nsecsElapsed() / 1e6 - TICK))
        clock.restart()

    timer.timeout.connect(tick)
    timer.start(TICK)
    _until(app, lambda: len(late) > 250)
    idle = sorted(late)
    late.clear()
    session.collection.start(catalogue, errands.post, give_way)
    began = time.perf_counter()
    _until(app, lambda: len(session.collection.files) == 500)
    print(f"in the window: listed {since(began)}")
    _until(app, lambda: not session.collection.looking)
    print(f"in the window: known {since(began)}")
    looking = sorted(late)
    late.clear()
    _until(app, lambda: not to_hash(session.collection.files))
    hashing = sorted(late)
    total = sum(file.bytes for file in session.collection.files)
    print(f"hashed: {total / 1e9:.1f} GB, {since(began)}")
    timer.stop()
    session.collection.close(10)
    for title, times in (("idle", idle), ("looking", looking), ("hashing", hashing)):
        print(
            f"{title}: the window's timer is late by {times[len(times) // 2]:.2f} ms (median), "
            f"{times[int(len(times) * 0.99)]:.2f} ms (99th percentile), {times[-1]:.1f} ms (most)"
        )


def _until(app: QApplication, done: Callable[[], bool]) -> None:
    while not done():
        app.processEvents()
        time.sleep(0.0005)


if __name__ == "__main__":
    sys.exit(main())
