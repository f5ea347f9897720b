"""The platform: the official gateway protocol, and trades, refunds, items and shipping on top of it."""
