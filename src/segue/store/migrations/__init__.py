"""Every step from one schema to the next; run by :mod:`segue.store.schema`."""
