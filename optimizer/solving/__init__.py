"""Solving: a matrix and its tags -> a plan and a proven bound. `highs.py` alone knows HiGHS."""
