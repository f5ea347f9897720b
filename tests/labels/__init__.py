"""Labels, pick lists and packing slips as PDF."""
