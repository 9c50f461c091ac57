"""Tests of the join; a package, for other rooms have modules of the same names."""
