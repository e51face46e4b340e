"""How well lists answer held-out listening: splits, metrics, full ranking, intervals."""
