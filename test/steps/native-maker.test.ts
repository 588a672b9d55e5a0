import { expect, test } from 'vitest';
import type { WriteContext } from '../../src/core/step.ts';
import type { LeafOrder } from '../../src/kubeadm/certificates/leaf-order.ts';
import { makeNatively } from '../../src/steps/certs/native-maker.ts';
import { stagingArea } from '../../src/steps/placing/staging.ts';
import { hostFiles } from '../kubeadm/support/host-files.ts';
import { DAY, NOW } from '../kubeadm/support/keys.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

test('a name that no certificate can contain is a failure of the step, which names the certificate', async () => {
  const stdout = hostFiles().authorities.ca.key.text;
  const context = { now: () => NOW, run: async () => ({ stdout }) } as unknown as WriteContext;
  const host = describedHost();
  const orders = host.credentials
    .filter(({ name }) => name === 'apiserver')
    .map(
      (credential) =>
        ({
          credential,
          identity: { commonName: 'x', organizations: [], dnsNames: ['bad name'], ipAddresses: [], usages: [] },
          keyAlgorithm: 'ECDSA-P256',
          notAfter: NOW.getTime() + DAY,
        }) as unknown as LeafOrder,
    );
  await expect(makeNatively(stagingArea(context, host), orders)).rejects.toMatchObject({
    name: 'StepFailure',
    code: 'new-certificate-wrong',
    message: "the new apiserver cannot be signed: 'bad name' is not a DNS name that a certificate can contain",
  });
});
