import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench } from './support/bench.ts';
import { type Recording, recordingOf } from './support/recording.ts';
import { withSession } from './support/sessions.ts';

/** What a real master of this version has answered (test/lab/record.ts). */
const VERSION = '1.33.13';
const REAL = JSON.parse(readFileSync(new URL(`recordings/${VERSION}.json`, import.meta.url), 'utf8')) as Recording;

let bench: Bench;
let simulated: Recording;
beforeAll(async () => {
  bench = new Bench();
  const fleet = await bench.fleet({
    kubernetesVersion: `v${VERSION}`,
    keyAlgorithm: 'RSA-2048',
    behindBalancer: true,
    stateOf: () => ({ leaves: { apiserver: { extraNames: ['api.lab.example', '127.0.0.1'] } } }),
  });
  const [host] = fleet.hosts;
  if (!host) throw new Error('a fleet without a host');
  const { address, cluster } = host.profile;
  const endpoint = `${cluster.endpoint.address}:${cluster.endpoint.port}`;
  simulated = await withSession(fleet, host, (session) => recordingOf(session, { node: host.name, address, endpoint }));
}, 120_000);
afterAll(() => bench.close());

/** What the simulation does not do as the real one, and why that is no matter. */
const DIFFERENT: Readonly<Record<string, RegExp>> = {
  // Their own certificates, which nobody verifies, have keys that are quickly made.
  // Who leads, and whom it has failed to reach, the simulated etcd does not say.
  'etcd /metrics': /"(isLeader|tried|connected)"/,
  'the files of kubelet’s certificates': /^(key|signed with) /,
  'what kubelet serves': /^(key|signed with) /,
  // And the real ones name their address twice.
  'what kube-controller-manager serves': /^(key|signed with|2\.5\.29\.17:) /,
};

function compared(question: string, lines: readonly string[] = []): readonly string[] {
  const different = DIFFERENT[question];
  return different ? lines.filter((line) => !different.test(line)) : lines;
}

describe('the simulation answers as a real master did', () => {
  it.each(Object.keys(REAL))('%s', (question) => {
    expect(compared(question, simulated[question])).toEqual(compared(question, REAL[question]));
  });
});
