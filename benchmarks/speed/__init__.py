"""Speed and size: table S of the targets."""
