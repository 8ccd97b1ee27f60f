"""How the model shares the device's memory: said in one line, and changed in its menu."""
