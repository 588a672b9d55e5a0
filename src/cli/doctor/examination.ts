import type { Host } from '../../core/host.ts';
import { type ReadSession, UnreachableError } from '../../core/session.ts';
import { StepFailure } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { observeFacts } from '../../engine/hosts/observe.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { type HostPrograms, hostPrograms } from '../../facts/host/host-programs.ts';
import { kubeadmBinary } from '../../facts/host/kubeadm-binary.ts';
import { type System, system } from '../../facts/host/system.ts';
import { formatVersion } from '../../kubeadm/version.ts';
import { clockRefusal, manifestRefusal, rightsRefusal, roomRefusal } from '../../steps/gates/host-gate.ts';
import { hiddenRefusal } from '../../steps/gates/sees-all.ts';
import { sharedFileRefusal } from '../../steps/gates/untouchable-gate.ts';

/** What is asked of each host, in this order. */
export const QUESTIONS = ['reach', 'root', 'read', 'clock', 'disk', 'files', 'kubeadm'] as const;
export type Question = (typeof QUESTIONS)[number];

/** Something that prevents a run (an error), or may prevent it (a warning). */
export interface DoctorFinding {
  readonly question: Question;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly remedy: string | undefined;
}

/** What was seen of a host that answered. */
export interface Seen {
  readonly system: System;
  /** By how many seconds its clock is ahead of this machine's; 0 where that cannot be told from the time that asking took. */
  readonly aheadBy: number;
  readonly kubeadm: string | undefined;
  readonly programs: HostPrograms;
}

export interface Examination {
  readonly host: string;
  readonly isReached: boolean;
  /** Undefined of a host that could not be reached, or whose answers could not be understood. */
  readonly seen: Seen | undefined;
  readonly findings: readonly DoctorFinding[];
}

/**
 * Looks at one host with a session that cannot write. What a run would refuse is told in the words of the run.
 * @throws what `signal` was aborted with.
 */
export async function examine(
  host: Host,
  open: (host: Host, options: { readonly signal: AbortSignal }) => Promise<ReadSession>,
  clock: () => Date,
  signal: AbortSignal,
): Promise<Examination> {
  let session: ReadSession | undefined;
  try {
    session = await open(host, { signal });
    const asked = clock();
    const first = await observeFacts(session, [system], signal);
    const answered = clock();
    const world = first.merge(await observeFacts(session, [kubernetesFiles, kubeadmBinary, hostPrograms], signal));
    return { host: host.name, isReached: true, ...judge(world, asked, answered) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UnreachableError) {
      const question = error.reason === 'become' ? 'root' : 'reach';
      const { message, remedy } = error;
      return failed(host, error.reason === 'become', { question, severity: 'error', message, remedy });
    }
    if (!(error instanceof StepFailure)) throw error;
    const { message, remedy } = error;
    return failed(host, true, { question: 'read', severity: 'error', message, remedy });
  } finally {
    await session?.close();
  }
}

function failed({ name }: Host, isReached: boolean, finding: DoctorFinding): Examination {
  return { host: name, isReached, seen: undefined, findings: [finding] };
}

function judge(world: World, asked: Date, answered: Date): Pick<Examination, 'seen' | 'findings'> {
  // The answer was given between the two.
  const observedAt = new Date((asked.getTime() + answered.getTime()) / 2);
  const told = world.get(system);
  const files = world.get(kubernetesFiles);
  const kubeadm = world.get(kubeadmBinary);
  const refusals = [
    ['root', rightsRefusal(told)],
    ['read', hiddenRefusal(world)],
    ['clock', clockRefusal(told, { observedAt: () => observedAt })],
    ['disk', roomRefusal(told)],
    ['files', manifestRefusal(files)],
    ['files', sharedFileRefusal(files)],
  ] as const;
  const findings: DoctorFinding[] = refusals.flatMap(([question, refusal]) =>
    refusal ? [{ question, severity: 'error', message: refusal.reason, remedy: refusal.remedy }] : [],
  );
  // On other hosts nothing is made with it.
  if (kubeadm.problem !== undefined && files.staticPods.length > 0)
    findings.push({
      question: 'kubeadm',
      severity: 'warning',
      message: kubeadm.problem,
      remedy: 'install the version of the cluster, or renew without it: -e method=native',
    });
  const seen = {
    system: told,
    aheadBy: aheadBy(told.clock, asked, answered),
    kubeadm: kubeadm.version && formatVersion(kubeadm.version),
    programs: world.get(hostPrograms),
  };
  return { seen, findings };
}

/** By how many seconds a clock is ahead for certain: not at all, where an equal one could have told the same between the two moments. */
function aheadBy(told: number, asked: Date, answered: Date): number {
  // A clock that tells whole seconds may be nearly one later.
  const least = told - answered.getTime() / 1000;
  const most = told + (Number.isInteger(told) ? 1 : 0) - asked.getTime() / 1000;
  return least <= 0 && most >= 0 ? 0 : (least + most) / 2;
}
