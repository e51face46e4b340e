"""Use cases: the only code that joins the store with the algorithms."""
