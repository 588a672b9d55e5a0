import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { type ShellScript, sh } from '../../core/shell.ts';
import { shortened } from '../../core/shortened.ts';
import type { Reader } from '../../kubeadm/restarts/restart.ts';

/** A host's records about a static pod of the control plane, or kubelet: why it ended, or does not come up. */
export interface ReaderEvidence {
  /** One clause each, the newest first: `exited with 1 (Error) at 2026-11-26T04:55:01Z, restarted 4 times`. */
  readonly states: readonly string[];
  /** The last lines of its log, oldest first. */
  readonly log: readonly string[];
  /** The error of the container runtime's own program, if it gets no answer. */
  readonly runtime: string | undefined;
}

/** Limit on log lines that are read and shown: the reason is in the last ones. */
const MAX_LINES = 10;
const MAX_LINE_LENGTH = 300;
const MAX_BYTES = 8_192;
/** Per pod: the container that runs, or ended last, and the one before. */
const MAX_CONTAINERS = 2;

const SERVICE: ShellScript = sh`! s=$(tool systemctl) || "$s" show --property=ActiveState,SubState,Result,ExecMainCode,ExecMainStatus,NRestarts kubelet 2>&1 | tail -c 1000
if crictl=$(tool crictl) && ! answer=$("$crictl" version 2>&1); then printf '%s\n' "$answer" | tail -n 1 | sed 's/^/=runtime /'; fi
echo =log
if j=$(tool journalctl); then "$j" --quiet --no-pager --output=cat --lines=${MAX_LINES} --unit=kubelet 2>&1
else tail -n ${MAX_LINES} "$R"/var/log/kubelet.log 2>/dev/null
fi | tail -c ${MAX_BYTES}
:
`;

/** Both crictl and docker list the newest first, and know containers by their names in the manifest. */
function pod(component: Reader): ShellScript {
  return sh`keep() { grep -oE '"(state|exitCode|reason|attempt|finishedAt)": *("[^"]*"|[0-9-]+)'; }
if crictl=$(tool crictl) && ids=$("$crictl" ps -a -q --label io.kubernetes.pod.namespace=kube-system --name ${`^${component}$`} 2>/dev/null); then
  for id in $(printf '%s\n' "$ids" | head -n ${MAX_CONTAINERS}); do
    echo =container
    "$crictl" inspect "$id" 2>/dev/null | keep
  done
elif docker=$(tool docker); then
  for id in $("$docker" ps -a -q --filter ${`name=^/k8s_${component}_`} 2>/dev/null | head -n ${MAX_CONTAINERS}); do
    echo =container
    "$docker" inspect --format '"state": "{{.State.Status}}" "exitCode": {{.State.ExitCode}} "finishedAt": "{{.State.FinishedAt}}"' "$id" 2>/dev/null | keep
  done
elif [ -n "$crictl" ]; then "$crictl" ps -q 2>&1 | tail -n 1 | sed 's/^/=runtime /'
fi
# One that has just started has said little: what the one before said last comes first.
logs=$(ls -tr "$R"/var/log/pods/kube-system_${component}-*/${component}/*.log 2>/dev/null | tail -n ${MAX_CONTAINERS})
[ -z "$logs" ] || printf '=file %s\n' "\${logs##*/}"
echo =log
for f in $logs; do tail -n ${MAX_LINES} "$f"; done 2>/dev/null | tail -n ${MAX_LINES} | tail -c ${MAX_BYTES}
:
`;
}

const evidenceFact: Fact<{ readonly reader: Reader }, ReaderEvidence> = {
  name: 'reader_evidence',
  summary: 'why a static pod of the control plane, or kubelet, ended: its exit code, restarts, last lines of its log',
  probe: ({ reader }) => ({ script: reader === 'kubelet' ? SERVICE : pod(reader) }),
  parse({ stdout }, { reader }) {
    const [head = '', ...tail] = stdout.split(/^=log$/m);
    const lines = head.split('\n');
    const named = (name: string): string | undefined =>
      lines.find((line) => line.startsWith(`=${name} `))?.slice(name.length + 2);
    const runtime = named('runtime');
    return {
      states: reader === 'kubelet' ? serviceStates(head) : containerStates(head, named('file')),
      log: tail
        .join('=log')
        .split('\n')
        .map(message)
        .filter((line) => line.trim() !== '')
        .slice(-MAX_LINES)
        .map((line) => shortened(withoutSecrets(line), MAX_LINE_LENGTH)),
      runtime: runtime === undefined ? undefined : shortened(withoutSecrets(runtime), MAX_LINE_LENGTH),
    };
  },
};

/** Asked after a failure, to explain it. */
export function readerEvidence(reader: Reader): FactRef<ReaderEvidence> {
  return factRef(evidenceFact, { reader });
}

/** In systemd's words: `activating (auto-restart), exited with 1, restarted 14 times`. */
function serviceStates(text: string): readonly string[] {
  const value = (key: string): string | undefined => new RegExp(`^${key}=(.+)$`, 'm').exec(text)?.[1]?.slice(0, 60);
  const [active, sub] = [value('ActiveState'), value('SubState')];
  if (active === undefined) return [];
  const restarts = value('NRestarts');
  const clauses = [
    `${active}${sub === undefined ? '' : ` (${sub})`}`,
    ...serviceEnd(value('ExecMainCode'), value('ExecMainStatus')),
    ...(restarts === undefined || restarts === '0' ? [] : [`restarted ${times(restarts)}`]),
  ];
  return [clauses.join(', ')];
}

/** CLD_EXITED is 1, CLD_KILLED 2, CLD_DUMPED 3 (waitid(2)); 0 means that the service has not ended. */
function serviceEnd(code: string | undefined, status: string | undefined): readonly string[] {
  if (status === undefined || code === undefined || code === '0') return [];
  return [code === '1' || code === 'exited' ? `exited with ${status}` : `ended by signal ${status}`];
}

function containerStates(text: string, file: string | undefined): readonly string[] {
  const found = text.split(/^=container$/m).slice(1);
  if (found.length > 0) return found.map(containerState);
  const count = /^(\d{1,9})\.log$/.exec(file ?? '')?.[1];
  return count === undefined ? [] : [`restarted ${times(count)}`];
}

function containerState(text: string): string {
  const value = (key: string): string | undefined => {
    const [, word, number] = new RegExp(`"${key}": *(?:"([^"]*)"|(-?\\d+))`).exec(text) ?? [];
    return (word || number)?.slice(0, 60);
  };
  const state = value('state')
    ?.replace(/^CONTAINER_/, '')
    .toLowerCase();
  const [reason, attempt, finishedAt] = [value('reason'), value('attempt'), value('finishedAt')];
  const suffix = reason === undefined ? '' : ` (${reason})`;
  const end = `exited with ${value('exitCode') ?? '?'}${suffix}${finishedAt === undefined ? '' : ` at ${finishedAt}`}`;
  const before = attempt === undefined || attempt === '0' ? '' : `, restarted ${times(attempt)}`;
  return `${state === 'exited' ? end : (state ?? 'unknown')}${before}`;
}

function times(count: string): string {
  return count === '1' ? 'once' : `${count} times`;
}

/** The message of a pod's log line, without the prefix of CRI or docker. */
function message(line: string): string {
  const cri = /^\S+ (?:stdout|stderr) [FP] (.*)$/.exec(line)?.[1];
  if (cri !== undefined) return cri;
  const json = /^\{"log":("(?:[^"\\]|\\.)*")/.exec(line)?.[1];
  if (json === undefined) return line;
  try {
    return String(JSON.parse(json)).trimEnd();
  } catch {
    return line;
  }
}

/**
 * Bootstrap tokens, JSON web tokens, and whatever follows a word that announces a secret; keys span lines, so each line of
 * one.
 */
const SECRETS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, '***'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '***'],
  [/((?:token|password|passwd|secret|client-key-data|private[-_ ]?key)["']?\s*[:=]\s*["']?)[^\s"',]+/gi, '$1***'],
  [/(\b(?:Bearer|Basic)\s+)\S+/gi, '$1***'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*/g, '-----BEGIN PRIVATE KEY----- ***'],
  [/^[A-Za-z0-9+/]{40,}={0,2}$/, '***'],
];

function withoutSecrets(line: string): string {
  return SECRETS.reduce((text, [pattern, instead]) => text.replace(pattern, instead), line);
}
