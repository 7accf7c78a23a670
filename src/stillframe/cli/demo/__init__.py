"""A year of real flights, captured day by day, with people to tell: the product showing itself at work."""
