import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ServerIdentity {
  readonly key: string;
  /** PEM of the leaf and of its CA, as a server presents them. */
  readonly cert: string;
  readonly ca: string;
  /** DER of the same. */
  readonly chain: readonly Uint8Array[];
}

/** A CA and a leaf signed by it, made with openssl. */
export function makeIdentity(directory: string): ServerIdentity {
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  };
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...ec, '-subj', '/CN=test-ca', '-days', '30', '-keyout', 'ca.key', '-out', 'ca.crt');
  openssl('req', ...ec, '-subj', '/CN=test-leaf', '-keyout', 'leaf.key', '-out', 'leaf.csr');
  writeFileSync(join(directory, 'leaf.ext'), 'subjectAltName=IP:127.0.0.1');
  openssl(
    ...['x509', '-req', '-in', 'leaf.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-days', '30', '-extfile', 'leaf.ext', '-out', 'leaf.crt'],
  );
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
  const [leaf, ca] = [read('leaf.crt'), read('ca.crt')];
  const chain = [leaf, ca].map((pem) => Uint8Array.from(new X509Certificate(pem).raw));
  return { key: read('leaf.key'), cert: leaf + ca, ca, chain };
}
