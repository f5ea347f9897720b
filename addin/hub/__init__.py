"""The loopback hub: functions, commands and the task pane for programs on this machine, over HTTP."""
