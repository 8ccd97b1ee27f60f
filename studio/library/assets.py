"""Source pictures and masks, kept once each under the hash of their pixels."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from threading import Lock
from weakref import WeakKeyDictionary

from studio.core.errors import CannotOpen
from studio.core.picture import Mask, Picture, Pixels
from studio.core.record import Asset
from studio.imaging.encoding import png_bytes, png_pieces, png_pixels
from studio.imaging.files import DAMAGE, quiet
from studio.imaging.strips import LARGE
from studio.library.atomic import make_folder, write


class Assets:
    """Files `ab/abcd….png` in a folder. Safe to use from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._intact: set[str] = set()
        self._keys: WeakKeyDictionary[Picture | Mask, str] = WeakKeyDictionary()

    def keep(self, item: Picture | Mask, name: str = "") -> Asset:
        """Raises CannotWrite. A file that has been damaged since is written again."""
        with self._lock:  # who asks for a photo that is being kept waits, and need not begin anew
            return Asset(self._kept(item), name)

    def _kept(self, item: Picture | Mask) -> str:
        key = self._keys.get(item) or _hash(item.pixels)
        self._keys[item] = key
        path = self._path(key)
        if key not in self._intact or not path.exists():
            if item.size.area >= LARGE:
                self._keep_large(path, png_pieces(item))
            elif not self._is_intact(key):
                make_folder(path.parent)
                write(path, png_bytes(item))
            self._intact.add(key)
        return key

    def _keep_large(self, path: Path, pieces: list[bytes]) -> None:
        """Packing a photo is quicker than unpacking it, and its edits need the pieces anyway."""
        size = sum(map(len, pieces))
        try:
            same = path.stat().st_size == size and _equal(path, pieces)
        except OSError:
            same = False
        if not same:
            make_folder(path.parent)
            write(path, pieces)

    def has(self, asset: Asset) -> bool:
        return self._path(asset.sha256).exists()

    def forget(self, but: Collection[Asset]) -> None:
        """Remove all but these, as far as that can be done."""
        stay = {self._path(asset.sha256) for asset in but}
        with self._lock:
            for path in self._folder.rglob("*.png"):
                if path not in stay:
                    with suppress(OSError):
                        path.unlink()
            self._intact.clear()

    def picture(self, asset: Asset) -> Picture:
        """Raises CannotOpen if it is gone, or is not what was kept."""
        return Picture(self._pixels(asset, dimensions=3))

    def mask(self, asset: Asset) -> Mask:
        """Raises CannotOpen if it is gone, or is not what was kept."""
        return Mask(self._pixels(asset, dimensions=2))

    def _is_intact(self, key: str) -> bool:
        try:
            return _hash(_decoded(self._path(key))) == key
        except DAMAGE:
            return False

    def _pixels(self, asset: Asset, dimensions: int) -> Pixels:
        words = f"The {'picture' if dimensions == 3 else 'mask'} {asset.name or asset.sha256[:12]}"
        try:
            pixels = _decoded(self._path(asset.sha256))
        except FileNotFoundError:
            raise CannotOpen(
                f"{words} that this was made from is no longer in the library.",
                "Open it again from your own files.",
            ) from None
        except DAMAGE as error:
            raise CannotOpen(f"{words} in the library is damaged.") from error
        if pixels.ndim != dimensions or _hash(pixels) != asset.sha256:
            raise CannotOpen(
                f"{words} in the library is damaged.", "Open it again from your files."
            )
        return pixels

    def _path(self, key: str) -> Path:
        # A hash comes from a file that anyone may have written: it must not lead elsewhere.
        safe = "".join(c for c in key if c in "0123456789abcdef")
        return self._folder / (safe[:2] or "none") / f"{safe}.png"


def _equal(path: Path, pieces: list[bytes]) -> bool:
    with path.open("rb") as file:
        return all(file.read(len(piece)) == piece for piece in pieces)


def _decoded(path: Path) -> Pixels:
    data = path.read_bytes()
    with quiet():
        return png_pixels(data)


def _hash(pixels: Pixels) -> str:
    """SHA-256 of the shape and the bytes: a mask and a grey picture are two things."""
    digest = hashlib.sha256(f"{'x'.join(str(n) for n in pixels.shape)}\n".encode())
    digest.update(pixels.data if pixels.flags.c_contiguous else pixels.tobytes())
    return digest.hexdigest()
