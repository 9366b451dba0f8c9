"""What a week has shown, and how it is told: the outcome, the issue, the summary."""
