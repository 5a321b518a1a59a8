"""Instances and plans as polars tables with typed columns, and back (the extra `tables`)."""
