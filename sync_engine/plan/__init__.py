"""Deciding: pure functions from what was seen to what is to be done and shown. No clock, no I/O."""
