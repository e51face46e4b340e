"""The only place that picks adapters: settings in, a whole application out."""

from segue.bootstrap.app import App, build_app

__all__ = ["App", "build_app"]
