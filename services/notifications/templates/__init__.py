"""What is written once and sent to many: templates in versions, their merge fields checked before anyone gets them."""
