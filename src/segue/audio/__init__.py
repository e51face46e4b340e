"""Sound: decoding in windows of fixed size, our own features, and any learned embedding."""
