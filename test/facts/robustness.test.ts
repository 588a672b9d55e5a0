import { describe, expect, test } from 'vitest';
import { FactError } from '../../src/core/fact.ts';
import type { DialOutcome, ProbeOutput } from '../../src/core/probe.ts';
import { fc } from '../support/random-cases.ts';
import { ALL_FACTS } from './support/all-facts.ts';

/** Pieces of what probes print, and of what makes parsers stumble. */
const PIECES = [
  '=R /r\n',
  '=M /etc/kubernetes/manifests\n',
  '=F 600 0 0 12 1700000000 2023-11-14 22:13:20.000000000 +0000 /etc/kubernetes/admin.conf\n',
  '=F 600 0 0 12 1700000000 2023-11-14 22:13:20.000000000 +0000 /etc/kubernetes/pki/ca.crt\n',
  '=F 600 0 0 12 1700000000 2023-11-14 22:13:20.000000000 +0000 /etc/kubernetes/manifests/etcd.yaml\n',
  '=T /etc/kubernetes/admin.conf\n',
  '=T /etc/kubernetes/manifests/etcd.yaml\n',
  '=C /etc/kubernetes/pki/ca.crt\n',
  '=K /etc/kubernetes/pki/ca.key\tec-sec1 4 AAAA\n',
  '=U root\t/root/.kube/config\n',
  '=B backup\n',
  '|kplay-backup 1\n|id backup\n|file\tx\n|end 3\n',
  '|-----BEGIN CERTIFICATE-----\n|AAAA\n|-----END CERTIFICATE-----\n',
  '|users: [{name: x, user: {client-certificate-data: AAAA}}]\n',
  '|spec: {containers: [{command: [etcd, --name=x, --listen-peer-urls=x]}]}\n',
  `=S ${'0'.repeat(64)}  ./x\n`,
  'boot 1\n',
  'ticks 0\n',
  'process 1 etcd S 1 x\n',
  'clock 1700000000\n',
  'uid 0\n',
  'space /etc\n',
  'writable\n',
  'none\n',
  'v1.2\n',
  'LoadState=loaded\n',
  '600 0 root 0 root 5\n',
  'etcd_network_active_peers{Local="a",Remote="b"} x\n',
  '\0',
  '\n',
  '\uFFFD',
] as const;

const text = fc.oneof(
  fc.string(),
  fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string()), { maxLength: 12 }).map((parts) => parts.join('')),
);
const dial: fc.Arbitrary<DialOutcome> = fc.oneof(
  fc.constant<DialOutcome>({ kind: 'open' }),
  fc.record({ kind: fc.constant('tls' as const), chain: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 2 }) }),
  fc.record({ kind: fc.constant('http' as const), status: fc.integer(), body: fc.string() }),
  fc.record({ kind: fc.constantFrom('closed' as const, 'unavailable' as const), reason: fc.string() }),
);
const outputs: fc.Arbitrary<ProbeOutput> = fc.record({
  stdout: text,
  stderr: text,
  exitCode: fc.oneof(fc.constant(0), fc.integer({ min: -1, max: 255 })),
  truncated: fc.boolean(),
  dials: fc.array(dial, { maxLength: 2 }),
});

describe.each(Object.entries(ALL_FACTS))('%s', (_file, refs) => {
  test('makes a value, or says that it cannot, of whatever a host answers', () => {
    fc.assert(
      fc.property(fc.constantFrom(...refs), outputs, (ref, output) => {
        try {
          expect(ref.parse(output)).toBeDefined();
        } catch (error) {
          if (!(error instanceof FactError)) throw error;
          expect(error.message).not.toBe('');
        }
      }),
      { numRuns: 60 },
    );
  });

  test('answers the same question in the same way', () => {
    fc.assert(
      fc.property(fc.constantFrom(...refs), outputs, (ref, output) => {
        const parse = (): unknown => {
          try {
            return ref.parse(output);
          } catch (error) {
            return String(error);
          }
        };
        expect(parse()).toEqual(parse());
      }),
      { numRuns: 10 },
    );
  });
});
