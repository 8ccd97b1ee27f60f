"""What the user is doing now: observable, without Qt or torch."""
