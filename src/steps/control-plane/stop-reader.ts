import { type ShellScript, sh } from '../../core/shell.ts';
import { StepFailure, type WriteContext } from '../../core/step.ts';
import { type KubeadmHost, podOf, type StaticPod } from '../../kubeadm/host/model.ts';
import { ASIDE_DIRECTORY, asidePath } from '../../kubeadm/host/raw-files.ts';
import type { PodProcess } from '../../kubeadm/restarts/other-readers.ts';
import type { HostProcess, NamedProcess } from '../../kubeadm/restarts/reader-process.ts';
import type { Component } from '../../kubeadm/table.ts';
import { FLUSH } from '../placing/place-functions.ts';

/**
 * Seconds between SIGTERM and SIGKILL. The API server stops accepting connections at once but keeps watches open for a minute;
 * etcd closes its connections and hands over its leadership.
 */
const GRACE_SECONDS: Readonly<Record<Component, number>> = {
  etcd: 20,
  'kube-apiserver': 10,
  'kube-controller-manager': 5,
  'kube-scheduler': 5,
};

/**
 * The grace period of a pod: an API server may be configured to keep serving for a while, until load balancers notice that it
 * is ending.
 */
function graceOf({ component, flags }: StaticPod): number {
  const [, minutes = '0', seconds = '0'] = /^(?:(\d{1,2})m)?(?:(\d{1,4})s)?$/.exec(flags.get(DELAY) ?? '') ?? [];
  return GRACE_SECONDS[component] + Number(minutes) * 60 + Number(seconds);
}

const DELAY = '--shutdown-delay-duration';

/** kubelet checks its manifests when they change, at the latest every twenty seconds; then the container has to end. */
const UNSEEN_SECONDS = 45;

interface RunningPod {
  readonly component: Component;
  /** Its process, if visible. */
  readonly running: NamedProcess | undefined;
}

/** Some sleep programs only support whole seconds. */
const TICK: ShellScript = sh`# tick: waits for a tenth of a second, or for a whole one, and takes as many tenths off $i
tick() { if sleep 0.1 2>/dev/null; then i=$((i - 1)); else sleep 1; i=$((i - 10)); fi; }`;

/** Shell functions for processes, each given as PID:START as in /proc/PID/stat, because pids are reused. */
const ENDING: ShellScript = sh`${TICK}
# left PROCESS...: prints the pids of those that are still there
left() {
  for one; do
    stat=
    { read -r stat <"$R/proc/\${one%%:*}/stat"; } 2>/dev/null || continue
    # What follows the name, which may hold anything: its start is the twentieth.
    set -- \${stat##*') '}
    [ "\${20}" != "\${one#*:}" ] || echo "\${one%%:*}"
  done
}
# gone TENTHS PROCESS...: waits for so many tenths of a second at most, and tells whether all are gone
gone() {
  i=$1
  shift
  while [ -n "$(left "$@")" ]; do
    [ $i -gt 0 ] || return
    tick
  done
}
# end TENTHS PROCESS...: asks them to end, and makes those end that have not done so in time
end() {
  grace=$1
  shift
  kill -TERM $(left "$@")
  gone "$grace" "$@" || kill -KILL $(left "$@")
  gone 100 "$@"
}`;

/**
 * kubelet backs off from containers that have just ended, for ten seconds to five minutes. It knows them by the ended
 * containers that the runtime keeps (`doBackOff`, pkg/kubelet/kuberuntime): without those it starts the next one at once. Their
 * logs stay. Only containers of the static pod are removed: others of the same name may be all that is left of a failure.
 */
const FORGETTING: ShellScript = sh`${TICK}
# drop ID: that a container has ended, when the runtime has noticed
drop() {
  [ -z "$R" ] && c=$(tool crictl) || return 0
  i=20
  while [ $i -gt 0 ] && ! "$c" rm "$1" >/dev/null 2>&1 && "$c" inspect "$1" >/dev/null 2>&1; do
    tick
  done
}
# forget CONTAINER UID [ID]: that it has ended before, and, when the runtime has noticed, that the one with that id has. UID is of
# the pod, where its manifest says it: else kubelet makes a digest of 32 digits, and the API gives all other pods something longer.
forget() {
  [ -z "$R" ] && c=$(tool crictl) || return 0
  [ -z "\${3-}" ] || drop "$3"
  ended=
  for one in $("$c" ps -a -q --state exited --label io.kubernetes.pod.namespace=kube-system --name "^$1\$" 2>/dev/null); do
    uid=$("$c" inspect "$one" 2>/dev/null | sed -n 's/.*"io[.]kubernetes[.]pod[.]uid": *"\([^"]*\)".*/\1/p' | head -n 1)
    case $2,$uid in
      ,*[!0-9a-f]*) ;;
      ,????????????????????????????????) ended="$ended $one" ;;
      ,*) ;;
      *) [ "$2" != "$uid" ] || ended="$ended $one" ;;
    esac
  done
  [ -z "$ended" ] || "$c" rm $ended >/dev/null 2>&1 || :
}`;

/** Removes the ended containers of a pod, so that kubelet starts the next one without delay. */
export async function forgetEnded(context: WriteContext, pod: StaticPod): Promise<void> {
  await context.run(sh`${FORGETTING}
forget ${forgetArguments(pod)}`);
}

/** The arguments of the shell function `forget`. */
function forgetArguments({ container, uid = '' }: StaticPod): readonly string[] {
  return [container, uid];
}

function containerIdOf(running: NamedProcess | undefined): string {
  const identity = running?.identity;
  return (identity !== 'planned' && identity?.container?.id) || '';
}

function identityOf({ pid, startTicks }: HostProcess): string {
  return `${pid}:${startTicks}`;
}

/** The script that ends a static pod: by its process `$p` if that is reachable, else by moving its manifest away. */
function endScript(pod: StaticPod, running: NamedProcess | undefined): ShellScript {
  return sh`${ENDING}
${FORGETTING}
p=${running && running.pid > 0 ? identityOf(running) : ''}
parked="$R"${asidePath(pod.file.path)}
back() {
  [ -f "$parked" ] || [ -L "$parked" ] || return 0
  mv "$parked" "$R"${pod.file.path} || return
  rmdir -p "\${parked%/*}" 2>/dev/null || :
}
park() {
  mkdir -p "\${parked%/*}" || exit
  trap 'back; exit 1' HUP INT TERM
  mv "$R"${pod.file.path} "$parked" || exit
}
ask() { end ${graceOf(pod) * 10} "$p"; }
unseen() { if [ -z "$p" ]; then sleep ${UNSEEN_SECONDS}; else gone ${(UNSEEN_SECONDS + graceOf(pod)) * 10} "$p"; fi; }
reachable() { [ -z "$R" ] && [ -n "$p" ]; }
forget ${forgetArguments(pod)}`;
}

function podToStop(host: KubeadmHost, component: Component): StaticPod {
  const pod = podOf(host, component);
  if (!pod) throw new StepFailure('files-incomplete', `${component} has no manifest`);
  return pod;
}

function timeLimitOf(pod: StaticPod): { readonly timeoutMs: number } {
  return { timeoutMs: 120_000 + graceOf(pod) * 1_000 };
}

/**
 * Ends a static pod's process, so that kubelet starts it again. If the process is not reachable (another process namespace, a
 * rootfs), the manifest is moved away and back.
 */
export async function stopReader(
  context: WriteContext,
  host: KubeadmHost,
  { component, running }: RunningPod,
): Promise<void> {
  const pod = podToStop(host, component);
  await context.run(
    sh`${endScript(pod, running)}
if reachable; then
  ask
  ended=$?
  forget ${forgetArguments(pod)} ${containerIdOf(running)}
  exit $ended
fi
park
unseen
ended=$?
back || exit
[ $ended = 0 ] || echo ${`${component} did not end when its manifest was moved away`} >&2
exit $ended
`,
    timeLimitOf(pod),
  );
}

/**
 * Ends a static pod and hides its manifest from kubelet: it does not start again before `unparkManifest`, or before the host
 * restores the manifest because the run was lost. The process ends first: kubelet also ends pods whose manifest is gone, and an
 * API server that is asked twice exits at once, dropping its pending requests (k8s.io/apiserver, pkg/server/signal.go).
 * Whatever kubelet starts in between, it ends again.
 */
export async function stopAndPark(
  context: WriteContext,
  host: KubeadmHost,
  { component, running }: RunningPod,
): Promise<void> {
  const pod = podToStop(host, component);
  await context.whenLost(unparkScript([pod.file.path]));
  await context.run(
    sh`${endScript(pod, running)}
if reachable; then
  ask
  ended=$?
  [ $ended != 0 ] || park
else
  park
  unseen
  ended=$?
  [ $ended = 0 ] || back
fi
[ $ended = 0 ] || echo ${`${component} did not end`} >&2
exit $ended
`,
    timeLimitOf(pod),
  );
}

/** Moves a hidden manifest back, so that kubelet starts the pod again. */
export async function unparkManifest(context: WriteContext, host: KubeadmHost, component: Component): Promise<void> {
  const pod = podToStop(host, component);
  await context.run(sh`${FORGETTING}
forget ${forgetArguments(pod)}
${unparkScript([pod.file.path])}`);
  await context.whenLost(undefined);
}

/** 10 of the 30 seconds that kubelet itself gives a container. */
const CONTAINER_GRACE_SECONDS = 10;

/** Ends containers, by their first processes, so that kubelet starts them again. @throws {StepFailure} when one does not end */
export async function endContainers(context: WriteContext, running: readonly PodProcess[]): Promise<void> {
  await context.run(sh`${ENDING}
${FORGETTING}
end ${CONTAINER_GRACE_SECONDS * 10} ${running.map(identityOf)} && ended=yes || ended=
for id in ${running.map(({ container }) => container.id)}; do drop "$id"; done
[ -n "$ended" ] || { echo still there after SIGKILL: process $(left ${running.map(identityOf)}) >&2; exit 1; }
`);
}

/** Grace period in a dead cluster: nobody is served by these processes. */
const DEAD_GRACE_SECONDS = 2;

/** Ends processes together, if they are reachable; otherwise only a running kubelet can end them. */
export async function endProcesses(context: WriteContext, running: readonly NamedProcess[]): Promise<void> {
  const named = running.filter(({ pid }) => pid > 0).map(identityOf);
  if (named.length === 0) return;
  await context.run(sh`[ -z "$R" ] || exit 0
${ENDING}
end ${DEAD_GRACE_SECONDS * 10} ${named} || :
`);
}

/** Moves manifests back that an interrupted restart has left hidden. */
export async function unparkManifests(context: WriteContext, { staticPods }: KubeadmHost): Promise<void> {
  const parked = staticPods.filter((pod) => pod.parked).map(({ file }) => file.path);
  if (parked.length > 0) await context.run(unparkScript(parked));
}

function unparkScript(manifests: readonly string[]): ShellScript {
  return sh`${FLUSH}
for m in ${manifests}; do
  a="$R"${ASIDE_DIRECTORY}"$m"
  [ -f "$a" ] || [ -L "$a" ] || continue
  mv "$a" "$R$m" || exit
  flush "$R\${m%/*}"
  rmdir -p "\${a%/*}" 2>/dev/null || :
done`;
}
