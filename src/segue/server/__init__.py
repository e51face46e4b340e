"""The doors: REST, the web player, other clients' protocols. They translate, decide nothing."""
