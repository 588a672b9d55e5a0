import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EmbeddedHost } from '../../../src/simulation/embedded-host.ts';
import { Workbench } from '../../pki/support/openssl.ts';

export interface SigningTerms {
  readonly days?: number;
  /** `ca`, `etcd/ca`, `front-proxy-ca`, or `stranger`: another one of the same name. */
  readonly authority?: string;
  /** Instead of those that the request asks for. */
  readonly names?: string;
  /** Sign another key than that of the request. */
  readonly otherKey?: boolean;
  /** Through an intermediate CA that follows in the file. */
  readonly through?: 'intermediate';
}

const BASES = ['ca', 'etcd/ca', 'front-proxy-ca'] as const;

/** A cluster's CA as an external one keeps it: the keys are here, and openssl signs what is asked for. */
export class ExternalAuthority {
  readonly #bench = new Workbench();

  /** Takes the CA keys of a cluster away from its hosts. */
  static takenFrom(hosts: readonly EmbeddedHost[]): ExternalAuthority {
    const directories = hosts.map(({ root }) => join(root, 'etc/kubernetes/pki'));
    const authority = new ExternalAuthority(directories[0] ?? '');
    for (const directory of directories) for (const base of BASES) rmSync(join(directory, `${base}.key`));
    return authority;
  }

  /** @param directory Holds `ca.crt` and `ca.key` and so on, as kubeadm's certificatesDir does. */
  constructor(directory: string) {
    for (const base of BASES) {
      for (const kind of ['crt', 'key'])
        this.#bench.write(`${fileName(base)}.${kind}`, readFileSync(join(directory, `${base}.${kind}`)));
    }
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    this.#bench.openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      'stranger.key',
      '-out',
      'stranger.crt',
      '-subj',
      '/CN=kubernetes',
    );
    this.#bench.openssl(
      'req',
      '-new',
      ...key,
      '-keyout',
      'intermediate.key',
      '-out',
      'intermediate.csr',
      '-subj',
      '/CN=issuing',
    );
    this.#bench.write('intermediate.ext', 'basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign\n');
    const terms = ['-days', '400', '-set_serial', '77', '-extfile', 'intermediate.ext'];
    this.#bench.openssl(
      'x509',
      '-req',
      '-in',
      'intermediate.csr',
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      ...terms,
      '-out',
      'intermediate.crt',
    );
  }

  /** Signs every request below a directory, each by its CA. `of`: those of one CA alone. */
  signAll(directory: string, terms: SigningTerms = {}, of?: string): readonly string[] {
    const requests = filesBelow(directory).filter((file) => file.endsWith('.csr'));
    const chosen = requests.filter((file) => of === undefined || authorityOf(`/${file}`) === of);
    for (const file of chosen) this.sign(join(directory, file), terms);
    return chosen;
  }

  /** Signs a request; the certificate is put beside it. */
  sign(path: string, terms: SigningTerms = {}): void {
    const { authority = authorityOf(path), days = 365, names, otherKey = false, through } = terms;
    this.#bench.write('leaf.csr', readFileSync(path));
    if (otherKey)
      this.#bench.openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'other.key');
    if (otherKey) this.#bench.openssl('pkey', '-in', 'other.key', '-pubout', '-out', 'other.pub');
    const usages =
      'extendedKeyUsage = serverAuth, clientAuth\nkeyUsage = digitalSignature\nbasicConstraints = CA:FALSE\n';
    this.#bench.write('leaf.ext', names === undefined ? usages : `${usages}subjectAltName = ${names}\n`);
    const signer = through ?? fileName(authority);
    this.#bench.openssl(
      ...['x509', '-req', '-in', 'leaf.csr', '-CA', `${signer}.crt`, '-CAkey', `${signer}.key`, '-out', 'leaf.crt'],
      ...[
        '-days',
        String(days),
        '-extfile',
        'leaf.ext',
        '-set_serial',
        String(BigInt(Date.now()) * 1000n + nextSerial()),
      ],
      ...(names === undefined ? ['-copy_extensions', 'copy'] : []),
      ...(otherKey ? ['-force_pubkey', 'other.pub'] : []),
    );
    const chain = through === undefined ? '' : this.#bench.read('intermediate.crt');
    writeFileSync(path.replace(/csr$/, 'crt'), this.#bench.read('leaf.crt') + chain);
  }

  /** What openssl says of a request. */
  print(path: string): string {
    this.#bench.write('seen.csr', readFileSync(path));
    return this.#bench.openssl('req', '-in', 'seen.csr', '-noout', '-text', '-verify');
  }

  close(): void {
    this.#bench.remove();
  }
}

let serials = 0n;

function nextSerial(): bigint {
  serials += 1n;
  return serials;
}

function fileName(base: string): string {
  return base.replace('/', '-');
}

function authorityOf(path: string): string {
  if (/\/etcd\/|apiserver-etcd-client/.test(path)) return 'etcd/ca';
  return path.includes('front-proxy') ? 'front-proxy-ca' : 'ca';
}

export function filesBelow(directory: string, below = ''): readonly string[] {
  return readdirSync(join(directory, below), { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory() ? filesBelow(directory, join(below, entry.name)) : [join(below, entry.name)],
    )
    .sort();
}

/** Copies what stands below one directory into another. */
export function copyTree(from: string, to: string): void {
  for (const file of filesBelow(from)) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    writeFileSync(join(to, file), readFileSync(join(from, file)));
  }
}
