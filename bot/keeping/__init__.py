"""What people keep and take along: saved results and their export, their history, and the deletion of their data."""
