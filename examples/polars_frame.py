"""Recommend from a polars data frame with one row a listen."""

import polars as pl

from segue.data.dataset import Dataset
from segue.models.item_knn import ItemKNN

plays = pl.DataFrame({"listener": ["ada", "ada", "bob", "bob", "cy"], "track": list("xyxzy")})
data = Dataset.from_frame(plays, listener="listener", track="track")
model = ItemKNN(n_neighbors=10).fit(data)
for row in model.similar(data.tracks.ids.index("x"), n=2).track_idx:
    print("goes with x:", data.tracks.ids[row])
