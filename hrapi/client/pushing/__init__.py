"""Sending a file of any size in batches, so that a kill at any moment costs nothing."""
