"""Makes the starter model: a small causal decoder that reads one report and copies the sentences that answer.

It starts from the MiniLM encoder that Curbside depends on anyway (Rothe, Narayan & Severyn, TACL 2020), so that minutes of
one processor core teach it what would take a random decoder days. `assistant.generation.starter` loads what it makes.
"""
