"""Numbers without a gap: of orders, invoices and credit notes."""
