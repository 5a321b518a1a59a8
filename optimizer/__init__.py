"""Everything that touches the world: files, HiGHS, terminal, browser. Imports `models`; never the other way round."""
