"""What facts and the timeline have in common: they are made of published events alone, and can be made anew."""
