"""Vector indexes: which of many vectors are nearest to one, behind one protocol."""
