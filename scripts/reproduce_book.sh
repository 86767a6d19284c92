#!/usr/bin/env bash
# Trains the book's networks and prints their accuracies beside the published ones as a table. Fails when one is
# outside its band.
set -euo pipefail
root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/scripts/packages.sh"

# name | the program's arguments | the data compared | published accuracy | published loss | band | network
#   least N: the mean accuracy is at least N; within N: it differs from the published one by at most N.
rows=(
  'softmax|softmax|validation|0.8458|0.4444|least 0.840|Dense(10, softmax), 7,850 parameters; RMSprop'
  'sigmoid|sigmoid|train|0.8759|0.3410|within 0.01|100 sigmoid + 10 softmax, 79,510 parameters; RMSprop'
  'relu-rmsprop|relu --optimizer rmsprop|validation|0.8665|0.3847|least 0.860|Flatten + 100 relu + 10 softmax; RMSprop'
  'relu-adam|relu|validation|0.8726|0.3524|least 0.865|the same; Adam'
  'dropout|dropout|validation|0.8871|0.3120|least 0.882|+ Dropout(0.3), early stopping; Adam'
  'cnn|cnn|validation|0.9201|0.2193|least 0.912|two convolutions, 333,526 parameters, early stopping; Adam'
)
# The published test numbers of the last row.
cnn_test='test 0.9125 / 0.2517'

usage() {
  cat <<EOF
scripts/reproduce_book.sh [--seeds COUNT] [--keep] [--out FOLDER] [ROW...]
Trains each row with the seeds 1 to COUNT (default 3) and prints the means as a table in Markdown.
  --keep         do not repeat the runs that are finished in the folder
  --out FOLDER   where the runs leave their files (default runs/book)
  ROW            $(printf '%s ' "${rows[@]%%|*}")(default: all)
EOF
}

seeds=3 out=runs/book keep=0 chosen=()
while [ "$#" -gt 0 ]; do
  case $1 in
    -h | --help) usage && exit ;;
    --keep) keep=1 ;;
    --seeds | --out)
      [ "$#" -gt 1 ] || die "$1 needs a value; --help says more"
      if [ "$1" = --seeds ]; then seeds=$2; else out=$2; fi
      shift
      ;;
    -*) die "there is no option $1; --help lists them" ;;
    *)
      printf '%s\n' "${rows[@]%%|*}" | grep -qxF -- "$1" || die "there is no row $1; --help lists them"
      chosen+=("$1")
      ;;
  esac
  shift
done
[[ $seeds =~ ^[1-9][0-9]*$ ]] || die "--seeds $seeds: must be a whole number of at least 1"

install_packages
build=$root/build/release
say "building in $build"
quietly cmake -S "$root" --preset release -DHEKLA_BUILD_EXAMPLES=ON || die "configuring failed, see above"
quietly cmake --build "$build" --target fashion_mnist --parallel "$(processors)" || die "building failed, see above"
program=$build/examples/fashion_mnist/fashion_mnist

# A number from a run's result.json, which has one per line.
number() { sed -n "s/^ *\"$2\": \([0-9.e+-]*\),\{0,1\}\$/\1/p" "$1"; }

# The mean of the numbers on standard input, one per line.
mean() { awk -v form="$1" '{ sum += $1 } END { printf form, sum / NR }'; }

is_chosen() { [ "${#chosen[@]}" -eq 0 ] || printf '%s\n' "${chosen[@]}" | grep -qxF -- "$1"; }

missed=0
table='| network, optimizer | published | here | band | verdict | seconds |
| --- | --- | --- | --- | --- | --- |
'
for row in "${rows[@]}"; do
  IFS='|' read -r name arguments what accuracy loss band network <<<"$row"
  is_chosen "$name" || continue
  results=()
  for ((seed = 1; seed <= seeds; ++seed)); do
    run=$out/$name-$seed
    result=$run/result.json
    if [ "$keep" -eq 0 ] || [ ! -f "$result" ]; then
      say "$name, seed $seed"
      # Unquoted, since it is split into several arguments.
      # shellcheck disable=SC2086
      quietly "$program" $arguments --seed "$seed" --out "$run" || die "$name with seed $seed failed, see above"
    fi
    results+=("$result")
  done
  ours=$(for result in "${results[@]}"; do number "$result" "${what}_accuracy"; done | mean %.4f)
  our_loss=$(for result in "${results[@]}"; do number "$result" "${what}_loss"; done | mean %.4f)
  seconds=$(for result in "${results[@]}"; do number "$result" seconds; done | mean %.0f)
  published="$what $accuracy / $loss" here="$ours / $our_loss"
  if [ "$name" = cnn ]; then
    published+="; $cnn_test"
    here+="; test $(for result in "${results[@]}"; do number "$result" test_accuracy; done | mean %.4f)"
    here+=" / $(for result in "${results[@]}"; do number "$result" test_loss; done | mean %.4f)"
  fi
  verdict=$(awk -v ours="$ours" -v published="$accuracy" -v kind="${band% *}" -v limit="${band#* }" 'BEGIN {
    apart = ours > published ? ours - published : published - ours
    print (kind == "least" ? ours >= limit : apart <= limit) ? "met" : "MISSED" }')
  [ "$verdict" = met ] || missed=1
  case $band in
    least*) band="at least ${band#* }" ;;
    *) band="within ${band#* } of it" ;;
  esac
  table+="| $network | $published | $here | $band | $verdict | $seconds |"$'\n'
done
printf '%s' "$table"
[ "$missed" -eq 0 ] || die "a network stayed outside its band"
