"""Bookkeeping: chart of accounts, vouchers, posting rules, closing and statements, as pure functions over values."""
