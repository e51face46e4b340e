"""The recommenders, each one file behind the one protocol of :mod:`segue.models.base`."""
