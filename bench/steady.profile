# Benchmarks measure the kernels of long runs, which are otherwise compiled only once a plan has run for some time.
improve_after = 0
