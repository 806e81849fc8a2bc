"""How people and companies are called and reached: names, e-mail addresses and phone numbers in one consistent form."""
