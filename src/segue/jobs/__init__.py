"""Work longer than a request: queued, run in a process of its own, resumed after a kill."""
