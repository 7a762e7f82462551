# every function a model may call, with arguments of random types: no crash, no defect of ours, and no
# message that tells of a line of the library; CALLS_SEEDS="4 5 6" tries others
for seed in ${CALLS_SEEDS:-1 2 3}; do
  "$CRESCENT" explain "$SRC/tests/cli/calls.lua" -D seed=$seed -D count=4000 >out 2>err || { echo "seed $seed"; cat err; exit 1; }
  grep -q 'calls gave something' out
  if grep -E 'dsl/|attempt to|stack overflow|no text' out; then echo "seed $seed: unclear"; exit 1; fi
done
