"""What runs in LibreOffice's own Python, which may be 3.8: nothing newer is done there, only the standard library and UNO."""
