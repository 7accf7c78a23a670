"""The promises of delivery under attack: one file and one command for each attack, and an oracle that can fail."""
