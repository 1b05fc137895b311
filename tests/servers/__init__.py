"""Real servers for tests: each module here starts one kind on a free port in a temporary folder, and stops it."""
