"""Google Sheets as a store: gspread and google-auth, with a retry of our own that never repeats what may have been done."""
