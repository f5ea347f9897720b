"""Fits text into a box: wraps it, shrinks it, and cuts it with an ellipsis where even that is not enough. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Measure = Callable[[str], float]
"""The width of a text in em."""

LEADING = 1.16
"""Height of a line in em: room for the tallest and deepest ink of the label font."""
BASELINE = 0.93
"""Where the baseline lies below the top of a line, in em."""
ELLIPSIS = "…"
MOST_CHARACTERS = 800
"""More never fits on a label; cutting before measuring keeps absurd input cheap."""

_WORD = re.compile(
    r"[A-Za-z0-9×*_.,:/#@%&+=~'\"-]+[，。、；：！？）】》”…,.!?;:)\]]*| |.[，。、；：！？）】》”…,.!?;:)\]]*",
    re.S,
)


@dataclass(frozen=True, slots=True)
class Fitted:
    """Lines and the size (points) at which they fit; `cut` if something had to be left out."""

    lines: tuple[str, ...]
    size: float
    cut: bool = False

    @property
    def height(self) -> float:
        """Points the lines take."""
        return len(self.lines) * self.size * LEADING


def wrap(text: str, width: float, measure: Measure) -> list[str]:
    """Lines no wider than `width` em; words and trailing punctuation stay together where a line can hold them."""
    lines, line, used = [], "", 0.0
    for word in _words(text, width, measure):
        wide = measure(word)
        if line and used + wide > width:
            lines.append(line.rstrip(" "))
            line, used = "", 0.0
        if line or word != " ":
            line, used = line + word, used + wide
    return [*lines, line.rstrip(" ")] if line.strip(" ") else lines


def _words(text: str, width: float, measure: Measure) -> list[str]:
    words = []
    for word in _WORD.findall(text):
        words += [word] if measure(word) <= width else list(word)
    return words


def cut(text: str, width: float, measure: Measure) -> str:
    """The text, or as much of it as fits before an ellipsis; empty where not even that fits."""
    if measure(text) <= width:
        return text
    room, kept = width - measure(ELLIPSIS), ""
    for character in text:
        room -= measure(character)
        if room < 0:
            break
        kept += character
    return kept.rstrip(" ") + ELLIPSIS if measure(ELLIPSIS) <= width else ""


def sizes(largest: float, smallest: float) -> list[float]:
    """Sizes to try, in half points, largest first."""
    steps = int((largest - smallest) * 2 + 1e-9)
    return [largest - step / 2 for step in range(steps + 1)]


def fit(text: str, width: float, height: float, tried: Sequence[float], measure: Measure) -> Fitted:
    """The text at the largest of the sizes (points, descending) at which it fits a box of points; cut at the last."""
    text, too_long = text[:MOST_CHARACTERS], len(text) > MOST_CHARACTERS
    for size in tried:
        lines = wrap(text, width / size, measure)
        if (
            not too_long
            and len(lines) * size * LEADING <= height
            and all(measure(line) * size <= width for line in lines)
        ):
            return Fitted(tuple(lines), size)
    return _cut_to(text, width, height, tried[-1], measure)


def _cut_to(text: str, width: float, height: float, size: float, measure: Measure) -> Fitted:
    room = int(height / (size * LEADING) + 1e-9)
    lines = wrap(text, width / size, measure)
    if not room:
        return Fitted((), size, True)
    last = (
        cut("".join(lines[room - 1 :])[:200] + ELLIPSIS * 2, width / size, measure)
        if len(lines) >= room
        else ""
    )
    kept = [cut(line, width / size, measure) for line in lines[: room - 1]]
    return Fitted((*kept, last) if last else tuple(kept), size, True)
