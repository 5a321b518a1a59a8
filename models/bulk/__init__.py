"""The whole problem as a few large arrays: a column says that a demand is served in a period; few are ever made."""
