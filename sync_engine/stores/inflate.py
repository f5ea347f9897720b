"""Inflating with a cap: what a zip directory claims is binding, so that a lie cannot cost memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

_fast: Any
try:
    from isal import isal_zlib as _fast
except ImportError:  # no wheel for this platform: the standard library does the same, slower
    _fast = zlib

ERRORS: tuple[type[Exception], ...] = (zlib.error, _fast.error)
"""What a damaged stream raises."""

PIECE = 256 * 1024


def inflate_capped(raw: bytes, declared: int, cap: int) -> bytes:
    """Inflate a raw deflate stream that claims to hold `declared` bytes; never more than that is in memory.

    Raises:
        ValueError: it claims more than `cap`, is cut short, is damaged, or holds another number of bytes than it says.
    """
    if not 0 <= declared <= cap:
        raise ValueError(f"a part claims {declared} bytes, where {cap} are allowed")
    stream = _fast.decompressobj(wbits=-15)
    try:
        data = bytes(stream.decompress(raw, declared + 1))
        whole = stream.eof or (not stream.decompress(stream.unconsumed_tail, 1) and stream.eof)
    except ERRORS as error:
        raise ValueError("a part is damaged") from error
    if len(data) != declared or not whole:
        raise ValueError("a part does not have the size it claims")
    return data


def pieces(raw: Iterator[bytes], size: int = PIECE) -> Iterator[bytes]:
    """A deflate stream inflated piece by piece, each at most `size` bytes.

    Raises:
        ValueError: the stream is damaged or cut short.
    """
    stream = _fast.decompressobj(wbits=-15)
    try:
        for block in raw:
            data = stream.decompress(block, size)
            while data:
                yield bytes(data)
                data = stream.decompress(stream.unconsumed_tail, size) if not stream.eof else b""
            if stream.eof:
                return
    except ERRORS as error:
        raise ValueError("a part is damaged") from error
    raise ValueError("a part is cut short")
