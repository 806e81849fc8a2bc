"""Invoices that are not to be paid any more: void or written off, with what they were for."""
