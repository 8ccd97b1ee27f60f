"""What a run needs of the device's memory, how it makes do with less, and what stays loaded."""
