"""How one list is made: candidates, rank, controls, diversify, explain; no store, no clock."""
