"""What a problem may declare, and the checks of it; nothing here loads a framework."""
