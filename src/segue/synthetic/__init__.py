"""Demo music and synthetic listeners: made up, seeded, with the truth kept beside them."""
