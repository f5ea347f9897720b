"""The two Chinese fonts embedded in labels and lists, with their licence (OFL.txt)."""
