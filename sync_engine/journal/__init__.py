"""The journal: merge base, intents, cursors and history. It can be deleted; the next tick rebuilds it."""
