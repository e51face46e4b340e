"""From a data set to a published, versioned, checksummed set of models."""
