import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { DAY_MS } from '../../src/core/duration.ts';
import { PROBLEMS } from '../../src/core/problems/catalogue.ts';
import { issueCertificate } from '../../src/pki/issue.ts';
import { generateKey } from '../../src/pki/private-key.ts';
import { makeForeignAuthority } from '../../src/simulation/authorities.ts';
import { needing } from '../support/programs.ts';

const NOW = new Date();

test(
  'the command for CAs of one name tells which of them has signed, also what has expired',
  needing('openssl'),
  async () => {
    const terms = { keyAlgorithm: 'ECDSA-P256', now: NOW, daysLeft: 1000 } as const;
    const [own, other] = await Promise.all([makeForeignAuthority('ca', terms), makeForeignAuthority('ca', terms)]);
    const { privatePem, publicKey } = await generateKey('ECDSA-P256');
    const cert = issueCertificate({
      subject: { commonName: 'kube-apiserver' },
      dnsNames: [],
      ipAddresses: [],
      extendedKeyUsages: ['serverAuth'],
      publicKey,
      authority: own,
      notBefore: NOW.getTime() - 2 * DAY_MS,
      notAfter: NOW.getTime() - DAY_MS,
      serial: randomBytes(8),
    });
    const server = createServer({ cert, key: privatePem.reveal() });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const directory = mkdtempSync(join(tmpdir(), 'kplay-shown-'));
    onTestFinished(() => {
      server.close();
      rmSync(directory, { recursive: true });
    });
    const [, command = ''] = /`(openssl s_client [^`]+)`/.exec(PROBLEMS['another-ca'].remedy) ?? [];
    const { port } = server.address() as AddressInfo;

    const answerWith = async (ca: string): Promise<string> => {
      const path = join(directory, 'ca.crt');
      writeFileSync(path, ca);
      const words = command.replace('ADDRESS:6443', `127.0.0.1:${port}`).replace('/etc/kubernetes/pki/ca.crt', path);
      const { stdout } = await promisify(execFile)('sh', ['-c', `{ ${words}; } 2>&1 || :`]);
      return stdout;
    };

    expect(await answerWith(own.certificatePem)).toBe('stdin: OK\n');
    expect(await answerWith(other.certificatePem)).not.toContain('OK');
  },
);
