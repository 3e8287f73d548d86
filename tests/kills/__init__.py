"""Processes killed at random moments: what they did counts whole or not at all."""
