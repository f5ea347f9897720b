"""What runs in LibreOffice's own Python, which may be older than ours: plain 3.8 syntax, the standard library, UNO."""
