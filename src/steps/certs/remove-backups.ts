import type { PlanWarning } from '../../core/plan.ts';
import { lastLine } from '../../core/program-output.ts';
import { sh } from '../../core/shell.ts';
import type { WriteContext } from '../../core/step.ts';

/**
 * Removes backups, finished or not. One that can be removed only in part is an unfinished one from then on: no list offers what is left
 * of it, and the next backup removes it. One that cannot be renamed stays as it is. Neither is a reason not to renew.
 */
export async function removeBackups(
  context: WriteContext,
  directories: readonly string[],
): Promise<readonly PlanWarning[]> {
  const { exitCode, stderr } = await context.run(
    sh`failed=
for d in ${directories}; do
  case $d in
    *.partial) ;;
    *)
      mv "$R$d" "$R$d.partial" || { failed=1; continue; }
      d=$d.partial
      ;;
  esac
  rm -rf "$R$d" || failed=1
done
[ -z "$failed" ]
`,
    { mayFail: true },
  );
  if (exitCode === 0) return [];
  return [
    {
      message: `an old backup could not be removed, or not completely: ${lastLine(stderr)}`,
      remedy:
        'look at it on the host (lsattr shows i: chattr -i FILE), and remove what is left of it: it contains keys',
    },
  ];
}
