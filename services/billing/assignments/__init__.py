"""What a contact has of what was sold: each ordered item, from the order to the day it is taken back."""
