"""Couriers: electronic waybills bought through Cainiao, and the local print client."""
