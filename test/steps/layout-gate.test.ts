import { expect, test } from 'vitest';
import { layoutRefusal } from '../../src/steps/gates/layout-gate.ts';
import { hostFiles } from '../kubeadm/support/host-files.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

const KUBELET_CONF = '/etc/kubernetes/kubelet.conf';

test.each([
  ['of its own', '$1', undefined],
  ['with a comment behind it', '$1 # by hand', 'kubelet-conf-form'],
])('a certificate embedded in kubelet.conf on a line %s', (_line, line, code) => {
  const kubelet = { conf: 'embedded' } as const;
  const text = hostFiles({ kubelet }).files.get(KUBELET_CONF)?.content ?? '';
  const edited = text.replace(/(client-certificate-data: \S+)/, line);
  const host = describedHost({ kubelet, files: { [KUBELET_CONF]: edited } });
  const leaf = host.credentials.filter(({ name }) => name === 'kubelet-client');
  expect(leaf).toMatchObject([{ holding: { state: 'present' } }]);
  expect(layoutRefusal(host, leaf)?.code).toBe(code);
});
