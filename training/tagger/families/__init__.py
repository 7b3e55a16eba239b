"""Template families, written independently of each other: each module yields invented texts by `texts(rng)`."""
