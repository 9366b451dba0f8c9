"""GitHub's REST API: issues, artifacts and workflows of one repository."""
