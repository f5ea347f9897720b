"""The ways a person reaches the engine: hub, task pane and host add-ins. They move in with the add-ins."""
