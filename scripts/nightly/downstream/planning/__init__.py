"""Which nightlies are tested: from a snapshot of the channels to constraints for installers."""
