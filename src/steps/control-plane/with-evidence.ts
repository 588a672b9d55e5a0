import { FactError } from '../../core/fact.ts';
import type { JsonObject } from '../../core/json.ts';
import { UnreachableError } from '../../core/session.ts';
import { type ReadContext, StepFailure } from '../../core/step.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { processes } from '../../facts/processes/processes.ts';
import { type ReaderEvidence, readerEvidence } from '../../facts/processes/reader-evidence.ts';
import type { Reader } from '../../kubeadm/restarts/restart.ts';
import { processOf } from './control-plane-facts.ts';

type Details = StepFailure['details'];

/**
 * Runs `work` for some readers. A failure is extended by what the host has recorded about them: why they ended, and their last
 * log lines.
 */
export async function withEvidence<T>(
  context: ReadContext,
  readers: readonly Reader[] | (() => readonly Reader[]),
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StepFailure) || context.signal.aborted) throw error;
    const failed = typeof readers === 'function' ? readers() : readers;
    throw new StepFailure(error.code, error.message, {
      details: [...error.details, ...(await evidenceOf(context, failed))],
      remedy: error.remedy,
    });
  }
}

/**
 * The record of readers that have ended, for the journal: their ended containers are removed so that kubelet starts them at
 * once.
 */
export async function endedEvidence(context: ReadContext, reader: Reader): Promise<JsonObject> {
  if (reader === 'kubelet') return {};
  const ref = readerEvidence(reader);
  try {
    const { states, log } = (await context.observe([ref])).get(ref);
    return states.some((state) => state.startsWith('exited ')) ? { [reader]: { states, log } } : {};
  } catch (error) {
    // The next operation reports an unreachable host; it is no reason to leave a reader as it is.
    context.signal.throwIfAborted();
    if (error instanceof FactError || error instanceof UnreachableError) return {};
    throw error;
  }
}

/** Errors here must not replace the failure itself. If kubelet is down, that is the cause. */
async function evidenceOf(context: ReadContext, readers: readonly Reader[]): Promise<Details> {
  try {
    const refs = [...new Set<Reader>([...readers, 'kubelet'])].map(
      (reader) => [reader, readerEvidence(reader)] as const,
    );
    const world = await context.observe([kubernetesFiles, processes, ...refs.map(([, ref]) => ref)]);
    const isKubeletDown = processOf(world, 'kubelet') === undefined;
    return refs.flatMap(([reader, ref]) =>
      readers.includes(reader) || isKubeletDown ? detailsOf(reader, world.get(ref)) : [],
    );
  } catch {
    return [];
  }
}

function detailsOf(reader: Reader, { states, log, runtime }: ReaderEvidence): Details {
  return [
    ...states.map((state) => [reader, state] as const),
    ...(runtime === undefined ? [] : [['container runtime', runtime] as const]),
    ...log.map((line, index) => [index === 0 ? `${reader} log` : '', line] as const),
  ];
}
