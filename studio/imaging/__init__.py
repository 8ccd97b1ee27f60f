"""Pixels: open and save, metadata, masks, crop and stitch. numpy, Pillow and OpenCV."""
