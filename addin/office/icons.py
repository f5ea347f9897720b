"""The buttons' pictures, drawn here: plain shapes in one colour, sharp at every size Office asks for."""

from __future__ import annotations

import io
import math
from collections.abc import Callable

from PIL import Image, ImageDraw

GREEN, SOFT, WHITE = (30, 107, 82, 255), (30, 107, 82, 90), (255, 255, 255, 255)
GRID = 32
_FINE = 8
"""Drawn so many times larger, then shrunk: smooth edges without a graphics library of its own."""

Pen = ImageDraw.ImageDraw
Points = list[tuple[float, float]]


def icon(name: str, size: int) -> bytes:
    """A PNG of a command's picture; a plain dot for a command nobody has drawn yet."""
    scale = _FINE * size / GRID
    image = Image.new("RGBA", (size * _FINE, size * _FINE), (0, 0, 0, 0))
    _DRAWN.get(name, _dot)(_Scaled(ImageDraw.Draw(image), scale))
    data = io.BytesIO()
    image.resize((size, size), Image.Resampling.LANCZOS).save(data, "PNG", optimize=False)
    return data.getvalue()


class _Scaled:
    """A pen on a grid of 32 by 32."""

    def __init__(self, pen: Pen, scale: float) -> None:
        self._pen, self._scale = pen, scale

    def _at(self, points: Points) -> Points:
        return [(x * self._scale, y * self._scale) for x, y in points]

    def shape(self, points: Points, fill: tuple[int, int, int, int] = GREEN) -> None:
        """A filled polygon."""
        self._pen.polygon(self._at(points), fill=fill)

    def line(self, points: Points, width: float = 2.6, fill: tuple[int, int, int, int] = GREEN) -> None:
        """A line through points."""
        self._pen.line(self._at(points), fill=fill, width=round(width * self._scale), joint="curve")

    def box(
        self, left: float, top: float, right: float, bottom: float, fill: tuple[int, int, int, int] = GREEN
    ) -> None:
        """A filled rectangle."""
        self.shape([(left, top), (right, top), (right, bottom), (left, bottom)], fill)

    def dot(self, x: float, y: float, radius: float) -> None:
        """A filled circle."""
        self._pen.ellipse(self._at([(x - radius, y - radius), (x + radius, y + radius)]), fill=GREEN)

    def arc(self, start: float, end: float, radius: float = 10.5) -> None:
        """Part of a circle round the middle, in degrees, with an arrow at its end."""
        turns = [math.radians(start + (end - start) * n / 40) for n in range(41)]
        self.line([(16 + radius * math.cos(t), 16 + radius * math.sin(t)) for t in turns])
        t, ahead = turns[-1], math.copysign(1, end - start)
        x, y = 16 + radius * math.cos(t), 16 + radius * math.sin(t)
        along = (-math.sin(t) * ahead, math.cos(t) * ahead)
        out = (math.cos(t), math.sin(t))
        self.shape([
            (x + along[0] * 6, y + along[1] * 6), (x + out[0] * 4.5, y + out[1] * 4.5), (x - out[0] * 4.5, y - out[1] * 4.5),
        ])  # fmt: skip


def _mark(pen: _Scaled) -> None:
    pen.shape([(4, 5), (10, 9), (22, 9), (28, 5), (28, 20), (25, 26), (20, 29), (12, 29), (7, 26), (4, 20)])
    for line in ([(10, 16), (22, 16)], [(10, 21), (22, 21)], [(16, 13), (16, 24)]):
        pen.line(list(line), 2, WHITE)


def _dot(pen: _Scaled) -> None:
    pen.dot(16, 16, 7)


def _sync(pen: _Scaled) -> None:
    pen.arc(200, 335)
    pen.arc(20, 155)


def _refresh(pen: _Scaled) -> None:
    pen.arc(-60, 220)


def _print(pen: _Scaled) -> None:
    pen.box(9, 4, 23, 11, SOFT)
    pen.box(4, 11, 28, 22)
    pen.box(9, 18, 23, 28, WHITE)
    pen.line([(9, 18), (23, 18), (23, 28), (9, 28), (9, 18)], 1.8)


def _reprint(pen: _Scaled) -> None:
    _print(pen)
    pen.line([(12, 21.5), (20, 21.5)], 1.8)
    pen.line([(12, 24.8), (17, 24.8)], 1.8)


def _ship(pen: _Scaled) -> None:
    pen.box(2, 9, 18, 22)
    pen.shape([(19.5, 13), (25, 13), (30, 18), (30, 22), (19.5, 22)])
    pen.dot(9, 24, 3.4)
    pen.dot(24, 24, 3.4)


def _propose(pen: _Scaled) -> None:
    pen.line([(4, 6), (9, 6), (13, 21), (26, 21)], 2.4)
    pen.line([(11, 11), (28, 11), (26, 18)], 2.4)
    pen.dot(15, 26, 2.6)
    pen.dot(24, 26, 2.6)


def _purchase_orders(pen: _Scaled) -> None:
    pen.box(7, 3, 25, 29)
    for y in (10, 15, 20):
        pen.line([(11, y), (21, y)], 2, WHITE)


def _waves(pen: _Scaled) -> None:
    for y in (8, 16, 24):
        pen.line([(3, y + 3), (8, y - 2), (14, y + 3), (20, y - 2), (26, y + 3), (29, y)], 2.6)


def _verify(pen: _Scaled) -> None:
    pen.box(4, 11, 28, 29)
    pen.shape([(4, 9.5), (9, 3), (23, 3), (28, 9.5)], SOFT)
    pen.line([(10, 19.5), (14.5, 24), (22, 15.5)], 3, WHITE)


def _analyse(pen: _Scaled) -> None:
    pen.box(4, 18, 10, 28)
    pen.box(13, 11, 19, 28)
    pen.box(22, 4, 28, 28)


def _backup(pen: _Scaled) -> None:
    pen.box(5, 22, 27, 28)
    pen.line([(16, 4), (16, 16)], 3)
    pen.shape([(9.5, 12.5), (22.5, 12.5), (16, 20)])


def _upgrade(pen: _Scaled) -> None:
    pen.box(4, 20, 28, 28)
    pen.line([(16, 18), (16, 8)], 3)
    pen.shape([(9.5, 11), (22.5, 11), (16, 3)])


def _restore_rows(pen: _Scaled) -> None:
    pen.arc(330, 60)
    pen.line([(16, 9), (16, 17), (21, 20)], 2.4)


def _history(pen: _Scaled) -> None:
    pen.arc(-60, 220)
    pen.line([(16, 9), (16, 17), (22, 17)], 2.4)


def _accept_deletion(pen: _Scaled) -> None:
    pen.line([(5, 17), (13, 25), (28, 8)], 4)


def _pane(pen: _Scaled) -> None:
    pen.box(3, 5, 29, 27, SOFT)
    pen.box(19, 5, 29, 27)


_DRAWN: dict[str, Callable[[_Scaled], None]] = {
    "mark": _mark, "pane": _pane, "sync": _sync, "refresh": _refresh, "print": _print, "reprint": _reprint, "ship": _ship, "waves": _waves, "verify": _verify,
    "propose": _propose, "purchase_orders": _purchase_orders, "analyse": _analyse,
    "backup": _backup, "history": _history, "upgrade": _upgrade, "restore_rows": _restore_rows, "accept_deletion": _accept_deletion,
}  # fmt: skip
