"""Measurements: each figure in README and docs comes from a command here. Never part of the tests."""
