"""Money of the sandbox: whole fen inside, yuan text with two decimals outside."""

from __future__ import annotations

from collections.abc import Sequence


def yuan(fen: int) -> str:
    """1234 -> "12.34"."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def fen(text: str) -> int:
    """ "12.34" -> 1234."""
    whole, _, cents = text.removeprefix("-").partition(".")
    amount = int(whole) * 100 + int(cents or 0)
    return -amount if text.startswith("-") else amount


def share(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to `weights`, exact to the fen (largest remainder first)."""
    whole = sum(weights)
    if not whole:
        return [total, *([0] * (len(weights) - 1))]
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts
