"""The way from lead to customer: the stages, the leads in them, and the board that shows both."""
