import { sh } from '../../core/shell.ts';
import type { WriteContext } from '../../core/step.ts';

/** Restarts kubelet with the service manager of the host. */
export async function restartKubelet(context: WriteContext): Promise<void> {
  await context.run(sh`if s=$(tool systemctl); then
  "$s" reset-failed kubelet >/dev/null 2>&1 || :
  "$s" restart kubelet
elif s=$(tool rc-service); then "$s" kubelet restart
elif s=$(tool service); then "$s" kubelet restart
else
  echo 'nothing on the host can restart kubelet: no systemctl, rc-service or service' >&2
  exit 1
fi
`);
}
