"""The shop's arithmetic as pure functions, each declared once and called by the engine and by cells alike."""
