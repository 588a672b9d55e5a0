import type { Host } from '../../core/host.ts';
import type { RefusePlan } from '../../core/plan.ts';
import { type ReadSession, UnreachableError } from '../../core/session.ts';
import { StepFailure } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { observeFacts } from '../../engine/hosts/observe.ts';
import { heldBy } from '../../engine/run/run-locks.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { type HostHolder, hostLock } from '../../facts/host/host-lock.ts';
import { type HostPrograms, hostPrograms } from '../../facts/host/host-programs.ts';
import { kubeadmBinary } from '../../facts/host/kubeadm-binary.ts';
import { type System, system } from '../../facts/host/system.ts';
import { kubeletUnit } from '../../facts/processes/kubelet-unit.ts';
import { processes } from '../../facts/processes/processes.ts';
import { formatVersion } from '../../kubeadm/version.ts';
import {
  clockRefusal,
  etcdHostRefusal,
  fixedFileRefusal,
  manifestRefusal,
  oddPlaceRefusal,
  preparationRefusal,
  rightsRefusal,
  roomRefusal,
} from '../../steps/gates/host-gate.ts';
import { confAsideRefusal, kubeletConfRefusal, kubeletRefusal } from '../../steps/gates/kubelet-gate.ts';
import { runtimeRefusal, runtimeSocketOf } from '../../steps/gates/runtime-gate.ts';
import { hiddenRefusal } from '../../steps/gates/sees-all.ts';
import { sharedFileRefusal } from '../../steps/gates/untouchable-gate.ts';
import { administratorFacts, administratorFindings } from './administrator.ts';

/** The checks of each host, in this order. */
export const QUESTIONS = [
  'reach',
  'root',
  'read',
  'clock',
  'disk',
  'files',
  'lock',
  'kubeadm',
  'admin',
  'kubelet',
  'runtime',
] as const;
export type DoctorQuestion = (typeof QUESTIONS)[number];

/** Something that prevents a run (an error), or may prevent it (a warning). */
export interface DoctorFinding {
  readonly question: DoctorQuestion;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly remedy: string | undefined;
}

/** What was observed on a host that answered. */
export interface Observations {
  readonly system: System;
  /** By how many seconds its clock is ahead of this machine's; 0 if the difference is within the time that the request took. */
  readonly aheadBy: number;
  readonly kubeadm: string | undefined;
  /** There is one that does not tell its version. */
  readonly isKubeadmBroken: boolean;
  readonly programs: HostPrograms;
}

export interface Examination {
  readonly host: string;
  readonly isReached: boolean;
  /** Undefined for a host that could not be reached or whose answers could not be parsed. */
  readonly observations: Observations | undefined;
  readonly findings: readonly DoctorFinding[];
}

/** What an examination needs. */
export interface ExaminationTools {
  readonly open: (host: Host, options: { readonly signal: AbortSignal }) => Promise<ReadSession>;
  readonly clock: () => Date;
  readonly signal: AbortSignal;
  /** The command that removes the lock of a host. */
  readonly unlockCommand: (host: string) => string;
}

/**
 * Examines one host with a session that cannot write. Whatever a run would refuse has the message of that refusal.
 * @throws the reason of `signal` when it is aborted.
 */
export async function examine(host: Host, tools: ExaminationTools): Promise<Examination> {
  const { open, clock, signal } = tools;
  let session: ReadSession | undefined;
  try {
    session = await open(host, { signal });
    const requestedAt = clock();
    const first = await observeFacts(session, [system], signal);
    const answeredAt = clock();
    const known = first.merge(
      await observeFacts(
        session,
        [kubernetesFiles, kubeadmBinary, hostPrograms, hostLock, kubeletUnit, processes],
        signal,
      ),
    );
    const files = known.get(kubernetesFiles);
    const socket = runtimeSocketOf(files);
    const facts = [...administratorFacts(files), ...(socket ? [socket] : [])];
    const world = known.merge(await observeFacts(session, facts, signal));
    return { host: host.name, isReached: true, ...judge(host.name, world, { requestedAt, answeredAt }, tools) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UnreachableError) {
      const question = error.reason === 'become' ? 'root' : 'reach';
      const { message, remedy } = error;
      const isReached = error.reason === 'become';
      return failed(host, { isReached, finding: { question, severity: 'error', message, remedy } });
    }
    if (!(error instanceof StepFailure)) throw error;
    const { message, remedy } = error;
    return failed(host, { isReached: true, finding: { question: 'read', severity: 'error', message, remedy } });
  } finally {
    await session?.close();
  }
}

function failed(
  { name }: Host,
  { isReached, finding }: { readonly isReached: boolean; readonly finding: DoctorFinding },
): Examination {
  return { host: name, isReached, observations: undefined, findings: [finding] };
}

function judge(
  host: string,
  world: World,
  { requestedAt, answeredAt }: { readonly requestedAt: Date; readonly answeredAt: Date },
  tools: ExaminationTools,
): Pick<Examination, 'observations' | 'findings'> {
  // The host answered at some time between the two.
  const observedAt = new Date((requestedAt.getTime() + answeredAt.getTime()) / 2);
  const facts = world.get(system);
  const kubeadm = world.get(kubeadmBinary);
  const findings = [
    ...refusedFindings(world, observedAt),
    ...fileFindings(world),
    ...lockFindings(host, world, tools),
    ...kubeadmFindings(world),
    ...adminFindings(world, observedAt),
    ...kubeletFindings(world),
    ...runtimeFindings(world),
  ];
  const observations = {
    system: facts,
    aheadBy: aheadBy(facts.clock, requestedAt, answeredAt),
    kubeadm: kubeadm.version && formatVersion(kubeadm.version),
    isKubeadmBroken: kubeadm.isBroken === true,
    programs: world.get(hostPrograms),
  };
  return { observations, findings };
}

/** What a run refuses, whatever is due. */
function refusedFindings(world: World, observedAt: Date): readonly DoctorFinding[] {
  const facts = world.get(system);
  const files = world.get(kubernetesFiles);
  const refusals = [
    ['root', accessRefusal(world)],
    ['read', hiddenRefusal(world)],
    ['clock', clockRefusal(facts, { observedAt: () => observedAt })],
    ['disk', roomRefusal(facts)],
    ['files', etcdHostRefusal(files)],
    ['files', manifestRefusal(files)],
    ['files', oddPlaceRefusal(files)],
    ['files', sharedFileRefusal(files)],
    ['kubelet', kubeletConfRefusal(files)],
  ] as const;
  return refusals.flatMap(([question, refusal]) => findingOf(question, 'error', refusal));
}

function findingOf(
  question: DoctorQuestion,
  severity: DoctorFinding['severity'],
  refusal: RefusePlan | undefined,
): readonly DoctorFinding[] {
  return refusal ? [{ question, severity, message: refusal.reason, remedy: refusal.remedy }] : [];
}

function accessRefusal(world: World): RefusePlan | undefined {
  const facts = world.get(system);
  return rightsRefusal(facts) ?? preparationRefusal(facts);
}

/** Where a run cannot write: it is refused for that if the certificate is due. */
function fileFindings(world: World): readonly DoctorFinding[] {
  if (hiddenRefusal(world) || accessRefusal(world)) return [];
  const files = world.get(kubernetesFiles);
  return findingOf('files', 'warning', fixedFileRefusal(files, files.credentials, world.get(system)));
}

function lockFindings(host: string, world: World, tools: ExaminationTools): readonly DoctorFinding[] {
  const holder = world.get(hostLock);
  return holder ? [lockFinding(host, holder, tools)] : [];
}

function kubeadmFindings(world: World): readonly DoctorFinding[] {
  const { problem } = world.get(kubeadmBinary);
  // On other hosts it is not used.
  if (problem === undefined || world.get(kubernetesFiles).staticPods.length === 0) return [];
  const remedy = 'install the version of the cluster, or renew without it: -e method=native';
  return [{ question: 'kubeadm', severity: 'warning', message: problem, remedy }];
}

function adminFindings(world: World, observedAt: Date): readonly DoctorFinding[] {
  if (hiddenRefusal(world)) return [];
  return administratorFindings(world, observedAt).map((one) => ({ question: 'admin', ...one }));
}

function kubeletFindings(world: World): readonly DoctorFinding[] {
  const files = world.get(kubernetesFiles);
  // A run restarts it if its certificate is renewed, or if it does not run.
  const isRestarted = world.get(system).uid === 0 && files.role !== 'none';
  // What a run is at work on is no finding, and what cannot be read is one already.
  const isOfNoRun = !world.get(hostLock) && files.kubelet.unreadable === undefined;
  return [
    ...findingOf('kubelet', 'warning', isRestarted ? kubeletRefusal(world) : undefined),
    ...findingOf('kubelet', 'warning', isOfNoRun ? confAsideRefusal(files) : undefined),
  ];
}

/** Whatever a run renews is read by something that it restarts. */
function runtimeFindings(world: World): readonly DoctorFinding[] {
  return findingOf('runtime', 'error', runtimeRefusal(world));
}

/** A run waits for a host that restores itself, and does not start on one that another run holds. */
function lockFinding(host: string, holder: HostHolder, { unlockCommand }: ExaminationTools): DoctorFinding {
  if (holder.kind === 'host')
    return {
      question: 'lock',
      severity: 'warning',
      message: 'it is restoring itself after a lost run',
      remedy: 'a run waits until that is done, for at most two minutes',
    };
  const { reason, remedy } = heldBy(host, holder, { hasEnded: () => false, unlockCommand });
  return { question: 'lock', severity: 'error', message: `${reason}: ${holder.name}`, remedy };
}

/** By how many seconds a clock is certainly ahead; 0 if a synchronised clock could have given the same answer between the two times. */
function aheadBy(facts: number, requestedAt: Date, answeredAt: Date): number {
  // A clock with whole seconds may be nearly one second later.
  const least = facts - answeredAt.getTime() / 1000;
  const most = facts + (Number.isInteger(facts) ? 1 : 0) - requestedAt.getTime() / 1000;
  return least <= 0 && most >= 0 ? 0 : (least + most) / 2;
}
