"""A shop's spreadsheet, opened with what its config.toml says."""

from __future__ import annotations

from sync_engine.stores.google.auth import load_credentials
from sync_engine.stores.google.calls import Calls
from sync_engine.stores.google.place import GooglePlace
from sync_engine.stores.google.store import GoogleStore
from workbook_templates.schema import Lang


def open_calls(place: GooglePlace) -> Calls:
    """Calls to Google, or to the server that stands in for it."""
    return Calls(load_credentials(place.credentials, place.url), base=place.url)


def open_spreadsheet(place: GooglePlace, lang: Lang) -> GoogleStore:
    """The store of a shop that works in Google Sheets."""
    return GoogleStore(open_calls(place), place.spreadsheet, lang=lang)
