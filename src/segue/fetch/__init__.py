"""What is asked of other services, and only when the administrator has allowed it."""
