"""Pure arithmetic on a problem and its plan as time goes on: no files, no clock, no solver."""
