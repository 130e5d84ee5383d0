"""``python -m xnas.xai.wordnet``: what ``python -m xnas_wordnet`` is now."""

import runpy

if __name__ == "__main__":
    runpy.run_module("xnas_wordnet", run_name="__main__")
