"""What can be added to a loaded model without changing its weights, and taken off again."""
