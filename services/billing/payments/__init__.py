"""How orders are paid: taken, decided, charged and given back, each once however often it is asked for."""
