from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.cli import main
from studio.imaging.metadata import read_record
from studio.imaging.opening import open_mask, open_native, open_picture
from tests.cli.test_commands import TOY, spot
from tests.imaging.photos import native, swapped_profile, write


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STUDIO_DEVICE", "cpu")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_a_fill_keeps_the_photos_depth_and_colours_and_can_be_replayed(
    suffix: str, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0110] = "Camera 7"
    profile = swapped_profile()
    path = write(tmp_path, native("RGB", 16, (120, 90), profile), exif=exif)
    before = open_native(path)
    base = ["generate", "--prompt", "red", *TOY, "--feather", "0", "--image", str(path)]
    base += ["--mask", str(spot(tmp_path / "mask.png"))]
    assert main([*base, "--out", f"fill{suffix}"]) == 0
    after = open_native(Path(f"fill{suffix}"))
    assert (after.depth, after.profile) == (16, profile)
    far = open_mask(tmp_path / "mask.png").pixels == 0
    far[26:54, 36:74] = False
    assert np.array_equal(after.samples[far], before.samples[far])
    with Image.open(f"fill{suffix}") as image:
        assert image.getexif()[0x0110] == "Camera 7"
    assert read_record(Path(f"fill{suffix}")).recipe.prompt == "red"
    assert main(["replay", f"fill{suffix}"]) == 0
    plain = ["--no-metadata", "--profile", "srgb", "--depth", "8", "--out", f"plain{suffix}"]
    assert main([*base, *plain]) == 0
    data = Path(f"plain{suffix}").read_bytes()
    assert b"Camera" not in data
    assert b"red" not in data
    assert open_native(Path(f"plain{suffix}")).depth == 8


def test_every_format_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    base = ["generate", "--prompt", "red", *TOY, "--out"]
    for suffix in ("jpg", "webp", "tiff", "avif"):
        assert main([*base, f"a.{suffix}", "--metadata", "no-recipe"]) == 0
        assert open_picture(Path(f"a.{suffix}")).picture.size.width == 64
    assert main([*base, "b.jpg", "--quality", "20", "--metadata", "no-recipe"]) == 0
    assert Path("b.jpg").stat().st_size < Path("a.jpg").stat().st_size
    assert open_picture(Path("b.jpg")).original.quality == 20
    for wrong in (["c.gif"], ["c.jpg", "--quality", "0"], ["c.png", "--depth", "12"]):
        assert main([*base, *wrong]) == 2
    capsys.readouterr()
