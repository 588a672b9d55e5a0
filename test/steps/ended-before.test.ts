import { expect, test } from 'vitest';
import { UnreachableError } from '../../src/core/session.ts';
import type { ReadContext } from '../../src/core/step.ts';
import { World } from '../../src/core/world.ts';
import { type ReaderEvidence, readerEvidence } from '../../src/facts/processes/reader-evidence.ts';
import { endedEvidence } from '../../src/steps/control-plane/with-evidence.ts';

function host(answer: ReaderEvidence | Error, signal = new AbortController().signal): ReadContext {
  return {
    signal,
    observe: async () => {
      if (answer instanceof Error) throw answer;
      return World.empty.set(readerEvidence('etcd'), answer);
    },
  } as unknown as ReadContext;
}

const CRASHED: ReaderEvidence = {
  states: ['exited with 2 (Error) at 2026-11-26T04:55:01Z, restarted 3 times'],
  log: ['panic: disk'],
  runtime: undefined,
};

test('what a reader has ended with is on record before its ended containers are removed', async () => {
  const { states, log } = CRASHED;
  expect(await endedEvidence(host(CRASHED), 'etcd')).toEqual({ etcd: { states, log } });
});

test('of one that has only run, and of kubelet, nothing is', async () => {
  expect(await endedEvidence(host({ ...CRASHED, states: ['running'] }), 'etcd')).toEqual({});
  expect(await endedEvidence(host(new Error('asked')), 'kubelet')).toEqual({});
});

test('a host that does not tell is no reason to leave a reader as it is, and an interruption is one', async () => {
  const gone = new UnreachableError('m1', 'timeout', 'gone');
  expect(await endedEvidence(host(gone), 'etcd')).toEqual({});
  await expect(endedEvidence(host(gone, AbortSignal.abort(new Error('Ctrl-C'))), 'etcd')).rejects.toThrow('Ctrl-C');
  await expect(endedEvidence(host(new TypeError('a bug')), 'etcd')).rejects.toThrow('a bug');
});
