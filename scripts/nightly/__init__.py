"""What the commands share. Nothing here knows of any one command."""

__version__ = "0.1.0"
USER_AGENT = f"upload-nightly-action/{__version__} (+https://github.com/org/upload-nightly-action)"
