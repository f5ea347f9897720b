"""Tests of run.py and the locks."""
