"""The engine that keeps a shop's workbook true to Tmall, the couriers and the stock room."""
