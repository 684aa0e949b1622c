"""The pages: one module each, with its functions and, at its end, its `VIEWS`."""
