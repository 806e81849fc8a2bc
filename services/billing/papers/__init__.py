"""Invoices and credit notes on paper: drawn once, handed out and sent by e-mail."""
