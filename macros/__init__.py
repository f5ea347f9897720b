"""Macro sources the hosts need: thin callers of the engine's commands. They move in with the add-ins."""
