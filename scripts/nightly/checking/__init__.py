"""Whether built files can be believed, and are all there."""
