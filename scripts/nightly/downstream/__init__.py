"""What a downstream project runs every week: its tests against the nightlies of what it depends on."""
