import { describe, expect, test } from 'vitest';
import { FactError, type FactRef } from '../../src/core/fact.ts';
import { cpuMilliseconds, overgrowth } from '../support/growth.ts';
import { ALL_FACTS } from './support/all-facts.ts';

/** What may stand before something that goes on without end. */
const LEADS = [
  '',
  '=R /r\n=M /etc/kubernetes/manifests\n=F 600 0 0 12 1700000000 2023-11-14 22:13:20.000000000 +0000 /etc/kubernetes/manifests/etcd.yaml\n=T /etc/kubernetes/manifests/etcd.yaml\n|',
  '=F 600 0 0 12 1700000000 2023-11-14 22:13:20.000000000 +0000 /etc/kubernetes/admin.conf\n=T /etc/kubernetes/admin.conf\n|users: ',
  '=U root\t/root/.kube/config\n=F 600 0 0 1 1 2023-11-14 22:13:20.0 +0000 /root/.kube/config\n=T /root/.kube/config\n|a: ',
  '=F 644 0 0 12 1700000000 2023-11-14 22:13:20.000000000 +0000 /etc/kubernetes/pki/ca.crt\n=C /etc/kubernetes/pki/ca.crt\n|',
  '=F 644 0 0 12 1700000000 2023-11-14 22:13:20.000000000 +0000 /var/lib/kubelet/config.yaml\n=T /var/lib/kubelet/config.yaml\n|clientCAFile:',
  '=F 644 0 0 12 1700000000 2023-11-14 22:13:20.000000000 +0000 /var/lib/kubelet/kubeadm-flags.env\n=T /var/lib/kubelet/kubeadm-flags.env\n|KUBELET_KUBEADM_ARGS=--client-ca-file=',
  '=F ',
  '=F 600 0 0 1 1 x ',
  '=K x\t',
  '=L x\t',
  '=M 1 ',
  '=N unit ',
  '=L APIService\n',
  '=B x\n|kplay-backup 1\n|',
  '=container\n"state": "',
  '=log\n',
  '=log\n1 stdout F ',
  '=log\n{"log":"',
  'boot 1\nprocess 1 etcd S 1 1 0 host ',
  'boot 1\nprocess 1 etcd S 1 1 0 host 0::/kubepods/',
  `boot 1\nprocess 1 etcd S 1 1 0 host 0::/${'1'.repeat(64)}`,
  'ActiveState=',
  'uid 0\nclock 1\nplaces /etc\n',
  'run 1\n',
  'kubelet ',
  'openssl ',
  'kind file\nstate ',
  'unwritable 0 ',
  'etcd_network_active_peers{Local="',
  'etcd_network_peer_sent_failures_total{To="',
  'etcd_network_peer_round_trip_time_seconds_count{To="',
] as const;

/** What goes on without end. */
const FILLERS = [
  ' ',
  '\t',
  '\n',
  'a',
  '0',
  '0.',
  'a ',
  '1 ',
  ' 1',
  '1:',
  'a.',
  '-',
  'a-',
  '/',
  '=',
  '|',
  '"',
  '\\"',
  '\\',
  '[',
  '[]',
  ': ',
  '\n|',
  '\n|a: 1',
  '\n| - ',
  '\n ',
  ' \n',
  '\r\n',
  '&a ',
  'kubepods',
  'pod',
  'eyJ',
  'eyJ.',
  'token',
  'token ',
  'Bearer ',
  'client-key-data',
  'ALARM ',
  '-----BEGIN ',
  '-----BEGIN CERTIFICATE-----\n|',
  '-----BEGIN A PRIVATE KEY-----',
  '--client-ca-file=',
  'KUBELET_EXTRA_ARGS=',
  'KUBELET_EXTRA_ARGS=\n|',
  '=log\n',
  '=container\n',
  '=L a\n',
  '=B a\n',
  'places\n',
  'process 1 etcd S 1 1 0 host 0::/kubepods\n',
  'f0'.repeat(32),
  '=S ',
] as const;

/** Where a parser goes over its text again for each part of it, this much takes it seconds, and all that a host may send hours. */
const LENGTH = 60_000;
/** What takes less is not looked at further: it says nothing about the length. */
const NOTICEABLE_MILLISECONDS = 300;

describe.each(Object.entries(ALL_FACTS))('%s', (_file, refs) => {
  test('takes longer only as the text is longer, whatever a host sends without end', {
    timeout: 300_000,
  }, () => {
    const slow = refs.flatMap((ref) =>
      LEADS.flatMap((lead) =>
        FILLERS.flatMap((filler) => {
          const read = (length: number, end: string) =>
            parse(ref, `${lead}${filler.repeat(Math.ceil(length / filler.length))}${end}`);
          if (cpuMilliseconds(() => read(LENGTH, '!')) <= NOTICEABLE_MILLISECONDS) return [];
          const times = overgrowth(LENGTH, (length, reading) => read(length, '?'.repeat(reading + 1)));
          return times === undefined ? [] : [`${JSON.stringify(lead)} ${JSON.stringify(filler)}: ${times}`];
        }),
      ),
    );
    expect(slow).toEqual([]);
  });
});

function parse(ref: FactRef, text: string): void {
  try {
    ref.parse({
      stdout: text,
      stderr: text,
      exitCode: 0,
      truncated: false,
      dials: [{ kind: 'http', status: 200, body: text }],
    });
  } catch (error) {
    if (!(error instanceof FactError)) throw error;
  }
}
