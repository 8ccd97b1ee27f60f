"""The person's models: choosing one, having them found, getting more."""
