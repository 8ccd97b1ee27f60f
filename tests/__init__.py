"""The tests mirror studio/. A package, so that no other library's `tests` can take its name."""
