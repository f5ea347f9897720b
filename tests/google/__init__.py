"""The Google stand-in, judged with gspread, Google's own client and raw requests."""
