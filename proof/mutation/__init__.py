"""The code with one thing changed at a time: do the tests notice?"""
