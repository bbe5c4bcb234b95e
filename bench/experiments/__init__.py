"""The benchmarks as one program over a table of experiments: `python3 -m bench.experiments`."""
