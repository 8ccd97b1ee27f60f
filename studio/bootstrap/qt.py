"""The system libraries that Qt's wheels expect on Linux, and whether there is a screen.

The lists are what `ldd` names for PySide6-Essentials' QtCore, QtGui, QtWidgets and QtSvg and for
the platform plugins, less what comes with every C++ program (libc, libstdc++, libgcc_s, libm) or
with torch and numpy's own needs.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Mapping

from studio.bootstrap import debian
from studio.bootstrap.errors import NoScreen
from studio.bootstrap.progress import Progress

COMMON = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
"""Needed on every platform, the offscreen one too: each library and its package in Debian."""

XCB = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}

WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}

SHOW = ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY")


def require_screen(environment: Mapping[str, str] = os.environ, system: str = sys.platform) -> None:
    """Raise NoScreen where no window can be shown."""
    if system.startswith("linux") and not any(environment.get(name) for name in SHOW):
        raise NoScreen(
            "There is no screen here to open the window on.",
            'Pictures can be made without one: python3 -m studio generate --prompt "…"',
        )


def loads(library: str) -> bool:
    """Does the system have this library, in a state that works?"""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing(
    environment: Mapping[str, str] = os.environ,
    system: str = sys.platform,
    has: Callable[[str], bool] = loads,
) -> dict[str, str]:
    """The libraries that the window lacks here, each with its package in Debian.

    Where both X11 and Wayland are there, Qt takes the one that works.
    """
    if not system.startswith("linux"):
        return {}

    def lacks(table: Mapping[str, str]) -> dict[str, str]:
        return {library: package for library, package in table.items() if not has(library)}

    platform = environment.get("QT_QPA_PLATFORM", "").split(":")[0]
    x11 = platform == "xcb" or (not platform and bool(environment.get("DISPLAY")))
    wayland = platform == "wayland" or (not platform and bool(environment.get("WAYLAND_DISPLAY")))
    ways = [lacks(table) for table, used in ((XCB, x11), (WAYLAND, wayland)) if used]
    return lacks(COMMON) | (ways[0] if ways and all(ways) else {})


def require_libraries(progress: Progress) -> None:
    """Qt's libraries are there, or are installed now; otherwise SetupFailed names them."""
    lacking = missing()
    if lacking:
        noun = "library" if len(lacking) == 1 else "libraries"
        lack = f"The window needs the system {noun} {', '.join(lacking)}."
        debian.need(sorted(set(lacking.values())), lack, progress)
