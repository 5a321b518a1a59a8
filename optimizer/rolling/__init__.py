"""Plans in time: arithmetic on a problem and its plan. No files, no clock, no solver."""
