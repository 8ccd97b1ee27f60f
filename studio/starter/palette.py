"""The colours of a scene: skies, lands and painted things, and what the hour does to them."""

from __future__ import annotations

from dataclasses import dataclass

RGB = tuple[int, int, int]


def rgb(text: str) -> RGB:
    """A colour written as six hexadecimal digits."""
    return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)


def mix(a: RGB, b: RGB, share: float) -> RGB:
    """`share` of b in a, 0 to 1."""
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )


def lit(colour: RGB, light: tuple[float, float, float]) -> RGB:
    """The colour under a coloured light; never above 255, where a byte would wrap."""
    return (
        min(255, round(colour[0] * light[0])),
        min(255, round(colour[1] * light[1])),
        min(255, round(colour[2] * light[2])),
    )


@dataclass(frozen=True)
class Hour:
    """What a time of day gives: sky from top to horizon, and its light on land and on things."""

    sky: tuple[RGB, ...]
    haze: RGB
    land: tuple[float, float, float]
    things: tuple[float, float, float]
    cloud: RGB
    cloud_shade: RGB
    water: tuple[RGB, RGB]  # at the horizon, at the viewer
    glow: RGB  # of sun or moon, its halo and its path on the water


HOURS: dict[str, Hour] = {
    "dawn": Hour(
        sky=(rgb("7FA8D1"), rgb("C9C3DA"), rgb("F8C8BE"), rgb("FDE6C8")),
        haze=rgb("F0C9C6"),
        land=(0.98, 0.88, 0.90),
        things=(1.0, 0.95, 0.94),
        cloud=rgb("FDEBE6"),
        cloud_shade=rgb("EBB9BF"),
        water=(rgb("F3CFCB"), rgb("6F9BBF")),
        glow=rgb("FFF3CF"),
    ),
    "noon": Hour(
        sky=(rgb("2C93D6"), rgb("62B7E6"), rgb("A5DAF0"), rgb("DDF3F3")),
        haze=rgb("BFE3EC"),
        land=(1.0, 1.0, 1.0),
        things=(1.0, 1.0, 1.0),
        cloud=rgb("FFFFFF"),
        cloud_shade=rgb("CFE7F3"),
        water=(rgb("7CCBDD"), rgb("1B6FA8")),
        glow=rgb("FFE066"),
    ),
    "sunset": Hour(
        sky=(rgb("46306B"), rgb("A8406F"), rgb("EE6B4D"), rgb("FCBF63")),
        haze=rgb("E8825E"),
        land=(0.86, 0.66, 0.60),
        things=(1.0, 0.89, 0.83),
        cloud=rgb("F79A73"),
        cloud_shade=rgb("B64A6C"),
        water=(rgb("F6A15F"), rgb("5A3468")),
        glow=rgb("FFE7A0"),
    ),
    "night": Hour(
        sky=(rgb("0A1330"), rgb("13234D"), rgb("21396C"), rgb("3B5A8C")),
        haze=rgb("2F4A7A"),
        land=(0.42, 0.52, 0.72),
        things=(0.72, 0.75, 0.9),
        cloud=rgb("48638F"),
        cloud_shade=rgb("2C4472"),
        water=(rgb("35557F"), rgb("0E1F45")),
        glow=rgb("F6F1D6"),
    ),
}

# Far ground and near ground; what lies between is mixed.
GROUND: dict[str, tuple[RGB, RGB]] = {
    "spring": (rgb("A9D06F"), rgb("6DB24C")),
    "summer": (rgb("6FAF57"), rgb("2F7A3C")),
    "autumn": (rgb("DFB25A"), rgb("B4732F")),
    "winter": (rgb("DCE9F1"), rgb("F7FAFB")),
    "desert": (rgb("F0CB8B"), rgb("D99A55")),
}
FLOWERS: dict[str, tuple[RGB, ...]] = {
    "spring": (rgb("F7A6C1"), rgb("FFF6E8"), rgb("F9DC5C")),
    "summer": (),
    "autumn": (),
    "winter": (),
}
ROCK: tuple[RGB, RGB] = (rgb("8C7F86"), rgb("5F5A6B"))  # lit side, shaded side
SNOW: tuple[RGB, RGB] = (rgb("FFFFFF"), rgb("C6D6E8"))
CLIFF: tuple[RGB, RGB] = (rgb("B08D72"), rgb("7D6158"))
PINE: tuple[RGB, RGB] = (rgb("2F7D5B"), rgb("1E5A48"))
LEAVES: dict[str, tuple[RGB, RGB]] = {
    "spring": (rgb("8BC75A"), rgb("5FA347")),
    "summer": (rgb("4FA04B"), rgb("2F7D3F")),
    "autumn": (rgb("A9A548"), rgb("84833A")),
    "winter": (rgb("D5E3EC"), rgb("A9C0D2")),
}
AUTUMN_LEAVES: tuple[tuple[RGB, RGB], ...] = (
    (rgb("E8742C"), rgb("C2501F")),
    (rgb("D84A2B"), rgb("A93420")),
    (rgb("F0A52E"), rgb("CF7F22")),
)
PALM: tuple[RGB, RGB] = (rgb("3FA35A"), rgb("26794A"))
TRUNK: RGB = rgb("7A5238")
PAINTS: dict[str, RGB] = {
    "red": rgb("D62F2B"),
    "orange": rgb("F2852A"),
    "yellow": rgb("F7CF36"),
    "green": rgb("2BA05A"),
    "blue": rgb("2868C8"),
    "purple": rgb("8446B8"),
    "white": rgb("F8F5EC"),
}
CHARCOAL: RGB = rgb("3B3A48")
CREAM: RGB = rgb("FBF3DF")
LAMP: RGB = rgb("FFE58A")
