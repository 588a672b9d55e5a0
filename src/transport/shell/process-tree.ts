/** Passes, 0.1 s apart, that give processes time to end by themselves after TERM. */
const TERM_PASSES = 20;
/** Total number of passes; from TERM_PASSES on, with KILL. */
const PASSES = 50;

/**
 * A script that ends all descendants of a process, but not the process itself: TERM to each, after 2 s KILL. It exits with 0
 * if none is left, with 1 if some could not be ended. Needs Linux's /proc and any awk.
 *
 * A descendant whose parent dies first is adopted by init and is no longer found through its parents: each pass therefore also
 * looks for processes found in earlier passes, and for their children. Parents come first: a shell whose child has ended
 * before its own TERM arrives would go on with its next command.
 */
export function endDescendantsScript(pid: number): string {
  return `
seen=
pass=0
while [ "$pass" -lt ${PASSES} ]; do
  left=$(cat /proc/[0-9]*/status 2>/dev/null | awk -v root=${pid} -v seen="$seen" '
    $1 == "State:" { state = $2 }
    $1 == "Pid:" { pid = $2 }
    $1 == "PPid:" && state != "Z" && state != "X" { parent[pid] = $2 }
    END {
      count = split(seen, order, " ")
      for (i = 1; i <= count; i++) known[order[i]] = found[order[i]] = 1
      found[root] = 1
      do {
        grown = 0
        for (pid in parent) if (!(pid in found) && (parent[pid] in found)) {
          grown = found[pid] = 1
          order[++count] = pid
        }
      } while (grown)
      for (i = 1; i <= count; i++) if (order[i] in parent) print (order[i] in known ? "" : "+") order[i]
    }')
  [ -n "$left" ] || exit 0
  for process in $left; do
    case $process in
    +*) kill -TERM "\${process#+}" 2>/dev/null; seen="$seen \${process#+}" ;;
    *) [ "$pass" -lt ${TERM_PASSES} ] || kill -KILL "$process" 2>/dev/null ;;
    esac
  done
  pass=$((pass + 1))
  sleep 0.1 2>/dev/null || sleep 1
done
exit 1
`;
}
