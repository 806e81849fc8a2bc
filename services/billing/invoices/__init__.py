"""What contacts are asked to pay: invoices, and the credit notes that take some of it back."""
