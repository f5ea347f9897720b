"""Colours stand in two fields that mirror each other: `xColor` and `xColorStyle.rgbColor`."""

from __future__ import annotations

from sync_engine.sandbox.google.refusal import Json


def mirrored(value: Json) -> Json:
    """A copy in which each colour stands in both of its fields, as Google answers; the style wins."""
    done: Json = {}
    for name, each in value.items():
        done[name] = (
            mirrored(each) if isinstance(each, dict) and not name.endswith(("Color", "ColorStyle")) else each
        )
    for name in list(done):
        if name.endswith("Color") and isinstance(done[name], dict) and name + "Style" not in done:
            done[name] = plain(done[name])
            done[name + "Style"] = {"rgbColor": done[name]}
        elif name.endswith("ColorStyle") and isinstance(done[name], dict) and "rgbColor" in done[name]:
            colour = plain(done[name]["rgbColor"])
            done[name] = {"rgbColor": colour}
            done[name.removesuffix("Style")] = colour
    return done


def plain(colour: Json) -> Json:
    """A colour as Google keeps it: in 256 steps, told as a single float; parts of 0 are not told (0.5 -> 0.49803922)."""
    steps = {part: int(amount * 255) for part, amount in colour.items() if amount}
    return {part: _single(step / 255) for part, step in steps.items() if step}


def _single(value: float) -> float | int:
    short = float(f"{value:.8g}")
    return int(short) if short.is_integer() else short
