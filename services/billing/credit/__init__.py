"""Account credit: granted, spent, given back and withdrawn; the books hold it as what the business owes."""
