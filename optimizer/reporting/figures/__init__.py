"""Charts of the page: Altair's specifications, drawn in the browser by the one bundle that stands in the page."""
