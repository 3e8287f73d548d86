"""Mutated files through the real intake: imported with counts that add up, or refused in words."""
