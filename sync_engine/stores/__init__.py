"""Stores: where the workbook's tables live. One port, one contract; each adapter is a thin edge."""
