"""Quality: table Q of the targets."""
