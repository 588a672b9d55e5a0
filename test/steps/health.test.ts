import { expect, test } from 'vitest';
import { healthOf } from '../../src/steps/control-plane/control-plane-facts.ts';
import type { HostDescription } from '../kubeadm/support/host-files.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

const CONTROLLERS = ['kube-controller-manager', 'kube-scheduler'] as const;

test.each<[what: string, description: HostDescription, ports: readonly (string | undefined)[]]>([
  ['on the ports of kubeadm', {}, ['10257', '10259']],
  ['in the clear up to 1.12', { version: '1.12.10' }, ['10252', '10251']],
  [
    'on no port if the manifests switch that off',
    { flags: { 'kube-controller-manager': { '--secure-port': '0' }, 'kube-scheduler': { '--secure-port': '0' } } },
    [undefined, undefined],
  ],
  [
    'on no port up to 1.12 either',
    { version: '1.12.10', flags: { 'kube-controller-manager': { '--port': '0' } } },
    [undefined, '10251'],
  ],
])('the controller manager and the scheduler are asked for their health %s', (_, description, ports) => {
  const host = describedHost(description);
  const asked = CONTROLLERS.map((component) => /"port":(\d+)/.exec(healthOf(host, component)?.key ?? '')?.[1]);
  expect(asked).toEqual(ports);
});
