"""The xlsx store: patches the changed cells inside a sheet part and copies every other part byte for byte."""
