"""What can be asked about cards."""
