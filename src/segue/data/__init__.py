"""What every room above speaks: records, vocabularies, interactions, profiles, lists."""
