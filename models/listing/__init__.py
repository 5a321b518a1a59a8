"""List scheduling: demands served one after another, each from what the ones before it left over."""
