"""One thread that owns the device: queue, cancel, the models in memory, the kept steps."""
