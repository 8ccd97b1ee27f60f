import gc

import numpy as np
import pytest
from PySide6.QtGui import QColor, QColorSpace, QImage

from studio.core.errors import CannotOpen
from studio.core.picture import Mask, Picture
from studio.ui.pixels import alpha_image, from_qimage, screen_image, to_qimage


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("width", [1, 2, 3, 5, 8, 33])
@pytest.mark.parametrize("channels", [3, 4])
def test_a_picture_goes_to_qt_and_back_unchanged(qapp, width: int, channels: int):
    picture = Picture(noise(7, width, channels))
    image = to_qimage(picture)
    assert (image.width(), image.height()) == (width, 7)
    assert (from_qimage(image).pixels == picture.pixels).all()


def test_an_image_outlives_the_array_it_was_made_of(qapp):
    picture = Picture(noise(64, 64, 3))
    wanted = [QColor(*(int(v) for v in picture.pixels[y, y])).name() for y in range(64)]
    image = to_qimage(picture)
    del picture
    gc.collect()
    noise(64, 64, 3)
    assert [image.pixelColor(y, y).name() for y in range(64)] == wanted


def test_a_mask_becomes_grey(qapp):
    mask = Mask(noise(5, 7))
    image = to_qimage(mask)
    assert image.format() == QImage.Format.Format_Grayscale8
    assert image.pixelColor(3, 2).red() == mask.pixels[2, 3]


def test_alpha_is_kept_only_where_there_is_some(qapp):
    opaque = QImage(4, 3, QImage.Format.Format_ARGB32)
    opaque.fill(QColor(10, 20, 30))
    assert from_qimage(opaque).pixels.tolist() == [[[10, 20, 30]] * 4] * 3
    opaque.setPixelColor(2, 1, QColor(10, 20, 30, 128))
    assert from_qimage(opaque).pixels[1, 2].tolist() == [10, 20, 30, 128]


def test_another_colour_space_is_converted(qapp):
    image = QImage(2, 2, QImage.Format.Format_RGB888)
    image.fill(QColor(128, 128, 128))
    image.setColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgbLinear))
    assert abs(int(from_qimage(image).pixels[0, 0, 0]) - 188) <= 1


def test_nothing_is_refused_in_a_sentence(qapp):
    with pytest.raises(CannotOpen, match="no picture"):
        from_qimage(QImage())


def test_screen_images_have_the_same_colours(qapp):
    pixels = noise(3, 5, 3)
    image = screen_image(pixels[:, 1:4])
    assert image.pixelColor(0, 1).getRgb()[:3] == tuple(pixels[1, 1])
    clear = screen_image(np.zeros((2, 2, 4), np.uint8))
    assert clear.pixelColor(1, 1).alpha() == 0


def test_a_mask_becomes_alpha(qapp):
    mask = noise(5, 7)
    image = alpha_image(mask[1:, 2:])
    assert (image.width(), image.height()) == (5, 4)
    assert image.pixelColor(3, 1).alpha() == mask[2, 5]
