"""`burdenshare generate`: synthetic instances of named size classes, drawn from public figures."""
