"""From a build to a channel, and from there to a release."""
