"""Forecasts of demand: the methods, which of them suits which goods, campaigns. The only room that needs numpy."""
