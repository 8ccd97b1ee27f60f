"""The built-in model: its pictures, its training, its evaluation."""
