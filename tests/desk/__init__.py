"""Tests of the desk and of the command; a package, for other rooms have modules of the same names."""
