"""Two pictures of digits: is the left one smaller, equal or greater?"""
