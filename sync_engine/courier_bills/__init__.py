"""Couriers' bills: reading them and bringing them into 快递账单."""
