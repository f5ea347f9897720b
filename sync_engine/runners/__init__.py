"""Runners: what calls the tick, and when."""
