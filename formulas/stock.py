from __future__ import annotations
def on_hand(counted, shipped, returned): return counted - shipped + returned
def sellable(there, reserved, safety): return max(0, there - reserved - safety)
def share(total, n): return tuple(total // n + (1 if i < total % n else 0) for i in range(n)) if n else ()
def why_sellable(counted, shipped, returned, reserved, safety, lang): return f"{counted}-{shipped}+{returned}-{reserved}-{safety}"
