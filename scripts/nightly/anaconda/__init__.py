"""A channel on anaconda.org, or on an Anaconda Server."""
