"""Other libraries in an environment of their own, for comparison in the same run."""
