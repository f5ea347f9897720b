"""Field masks: `a.b`, `a/b`, `a(b,c)`, `*`: which fields of an answer are wanted, and which fields an update touches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sync_engine.sandbox.google.refusal import Json, bad_mask
from sync_engine.sandbox.google.schema import schema

Mask = dict[str, Any]
"""Field -> what is wanted below it; an empty mask below means all of it. `*` stands for every field."""


def parse(text: str) -> Mask:
    """The tree of a mask's text; raises Refusal where brackets do not match."""
    mask, rest = _list(text.replace(" ", ""))
    if rest:
        raise bad_mask(text)
    return mask


def _list(text: str) -> tuple[Mask, str]:
    mask: Mask = {}
    while text and text[0] != ")":
        text = _path(text, mask)
        if text.startswith(","):
            text = text[1:]
        elif text and text[0] != ")":
            raise bad_mask(text)
    return mask, text


def _path(text: str, mask: Mask) -> str:
    name = ""
    while text and text[0] not in ",()./":
        name, text = name + text[0], text[1:]
    if not name:
        raise bad_mask(text)
    whole = name in mask and not mask[name]
    below: Mask = mask.setdefault(name, {})
    if text[:1] in (".", "/"):
        text = _path(text[1:], below)
    elif text[:1] == "(":
        inner, text = _list(text[1:])
        if not text.startswith(")"):
            raise bad_mask(name)
        for key, value in inner.items():
            below.setdefault(key, {}).update(value)
        text = text[1:]
    else:
        whole = True
    if whole:
        mask[name] = {}
    return text


def check(mask: Mask, kind: Any, of: str = "sheets", path: str = "") -> None:
    """Refuse a mask that names a field the message `kind` ("@Name") has not."""
    while isinstance(kind, list) and kind[0] in ("[]", "{}"):
        if kind[0] == "{}":
            return
        kind = kind[1]
    if kind == "any":
        return
    fields = kind if isinstance(kind, dict) else schema(kind[1:], of) if kind[:1] == "@" else {}
    for name, below in mask.items():
        here = f"{path}.{name}" if path else name
        if name == "*":
            continue
        if name not in fields:
            raise bad_mask(here)
        if below:
            check(below, fields[name], of, here)


def wants(mask: Mask | None, *path: str) -> bool:
    """Whether a mask asks for a field, or for something below it."""
    for name in path:
        if not mask:
            return True
        if name not in mask and "*" not in mask:
            return False
        mask = mask.get(name) or mask.get("*")
    return True


class Picked(list[Any]):
    """A list that holds no more than was asked for."""


def below(mask: Mask | None, *path: str) -> Mask | None:
    """What a mask that names each field of `path` asks for below it; None where it names one of them otherwise."""
    for name in path:
        if not mask or name not in mask or "*" in mask:
            return None
        mask = mask[name]
    return mask


def pick(value: Any, mask: Mask) -> Any:
    """The part of an answer a mask asks for."""
    if not mask or isinstance(value, Picked):
        return value
    if isinstance(value, list):
        return [pick(each, mask) if each else each for each in value]
    if not isinstance(value, dict):
        return value
    if "*" in mask and not mask["*"]:
        return value
    every = mask.get("*")
    return {
        name: pick(each, inner) if inner and each else each
        for name, each in value.items()
        if (inner := mask.get(name, every)) is not None
    }


def paths(mask: Mask) -> Iterator[tuple[str, ...]]:
    """Every leaf of a mask."""
    for name, below in mask.items():
        if below:
            yield from ((name, *rest) for rest in paths(below))
        else:
            yield (name,)


def update(old: Json, new: Json, mask: Mask) -> Json:
    """`old` with the fields of the mask taken from `new`: what is absent there is cleared. `*` takes all of `new`."""
    if "*" in mask and not mask["*"]:
        return dict(new)
    done = dict(old)
    for name, below in mask.items():
        if below:
            inner = update(old.get(name) or {}, new.get(name) or {}, below)
            if inner:
                done[name] = inner
            else:
                done.pop(name, None)
        elif new.get(name) is None:
            done.pop(name, None)
        else:
            done[name] = new[name]
    return done
