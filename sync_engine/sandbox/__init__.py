"""Stand-ins for everything outside: the Tmall gateway with Cainiao waybills, and the cloud-print client.

Nothing here is shared with the clients it judges; both sides are written from the platform's documentation alone.
"""
