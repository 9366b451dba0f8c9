"""What the commands share. Nothing here knows of any one command."""

__version__ = "0.1.0"
