"""What Picholine does, without a screen."""
