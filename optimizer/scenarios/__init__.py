"""Changed worlds: patches of an instance, and disturbances that are drawn."""
