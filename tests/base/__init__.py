"""Tests of the words; a package, for other rooms have modules of the same names."""
