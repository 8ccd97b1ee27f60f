"""The choices for filling a region: what is under the mask at the start, and by which network."""

from __future__ import annotations

FILLS: tuple[tuple[str, str, str], ...] = (
    ("original", "Original", "What is there now; a low strength keeps its shapes."),
    ("neutral", "Neutral grey", "Nothing of what was there, and no colour of its own."),
    ("blurred", "Blurred surroundings", "The colours around it, run together."),
    ("edges", "From the edges", "Lines and colours carried on from the edges, as in retouching."),
    ("noise", "Noise", "Pure noise: what is drawn owes nothing to what was there."),
)
"""Name, title, one line. The order to show them in."""

CHANNELS: tuple[tuple[str, str, str], ...] = (
    ("auto", "Auto", "The network's own inpainting channels if it has them."),
    ("on", "On", "The network's own inpainting channels, or not at all."),
    ("off", "Off", "The surroundings are held, as with any network."),
)
"""Name, title, one line."""

WITH_WORDS = 0.9
"""The usual strength with a prompt: a rest of the surroundings' colours, or there may be a seam."""

CONTINUE = 0.5
"""The usual strength without: what begins as the surroundings should stay like them."""

HIDDEN_FROM = 0.85
"""From this strength on what was there is meant to go."""

AUTOMATIC = "auto"
"""Not a fill: the one that `usual_fill` says is meant."""


def usual_fill(continues: bool, strength: float, margins: bool) -> str:
    """What to start from where nobody said. `continues`: without words, the surroundings go on.

    Margins carry the picture's edges on. What is given up is hidden, so that nothing of it shows
    through; what is kept in part has to be there.
    """
    if margins:
        return "edges"
    return "blurred" if continues or strength >= HIDDEN_FROM else "original"
