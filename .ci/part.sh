# Sourced by .ci/run: runs a part of it and adds up what the part says.
passed=0
failed=0
output=$(mktemp)
trap 'rm -f "$output"' EXIT

count() { # NAME PASSED FAILED
  passed=$((passed + $2))
  failed=$((failed + $3))
  printf '== %s: %s passed, %s failed\n' "$1" "$2" "$3"
}

# Runs a command and adds the last `N passed, N failed` that it printed. A part that printed no such line, passed nothing, or
# ended badly without a failure to show has failed.
part() { # NAME COMMAND...
  local name=$1 code=0 line good bad
  shift
  printf '\n== %s: %s\n' "$name" "$*"
  "$@" 2>&1 | tee "$output" || code=$?
  line=$(sed 's/\x1b\[[0-9;]*m//g' "$output" | grep -oE '[0-9]+ passed, [0-9]+ failed$' | tail -n 1 || true)
  if [ -z "$line" ]; then
    printf '%s printed no count (exit code %s)\n' "$name" "$code"
    count "$name" 0 1
    return
  fi
  read -r good _ bad _ <<<"$line"
  if [ "$bad" -eq 0 ] && { [ "$code" -ne 0 ] || [ "$good" -eq 0 ]; }; then bad=1; fi
  count "$name" "$good" "$bad"
}

# Starts a function of parts beside what follows: most of what they do is to wait. `join` prints what they printed and adds what they counted.
beside() { # FUNCTION
  beside_output=$(mktemp)
  beside_sum=$(mktemp)
  (
    output=$(mktemp)
    passed=0
    failed=0
    "$1"
    printf '%s %s\n' "$passed" "$failed" >"$beside_sum"
    rm -f "$output"
  ) >"$beside_output" 2>&1 </dev/null &
  beside_pid=$!
}

join() {
  local good bad
  wait "$beside_pid" || true
  cat "$beside_output"
  read -r good bad <"$beside_sum" || {
    printf 'the parts beside ended without a count\n'
    good=0 bad=1
  }
  passed=$((passed + good))
  failed=$((failed + bad))
  rm -f "$beside_output" "$beside_sum"
}

# The sum, as the last line, and the verdict as the status.
total() {
  printf '%s passed, %s failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
