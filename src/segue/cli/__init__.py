"""The `segue` command: each command is a few lines over a service."""
