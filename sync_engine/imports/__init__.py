"""Back-office exports a seller downloads when there is no API key."""
