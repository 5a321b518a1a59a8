"""The mathematics: what is asked, how it is modelled, what is answered. No files, no clock, no solver."""
