import { type Fact, factRef } from '../../core/fact.ts';
import { type ShellScript, sh } from '../../core/shell.ts';
import {
  credentialOfFile,
  type PendingRequest,
  REQUEST_DIRECTORY,
  requestBase,
} from '../../kubeadm/certificates/pending-request.ts';
import type { CredentialName } from '../../kubeadm/table.ts';
import { matchPublicKey } from '../../pki/public-half.ts';
import { type CertificateRequest, readRequest, requestPem } from '../../pki/request-reading.ts';
import { DUMP_FUNCTIONS, PRINT_ROOTFS, parseDump, rootfsIn } from './file-dump.ts';

const requestsFact: Fact<Record<string, never>, readonly PendingRequest[]> = {
  name: 'pending_requests',
  summary: 'keys that wait for a certificate, and their requests',
  ifTooLong: `look on the host for unusually large or many files in ${REQUEST_DIRECTORY}`,
  probe: () => ({ script: dumpRequests(sh`"$R"${REQUEST_DIRECTORY}`) }),
  parse: ({ stdout }) => parseRequests(stdout),
};

/** Requests whose key is present; of keys only the public half is read. */
export const pendingRequests = factRef(requestsFact, {});

/** Prints what may be known of the keys and requests in a directory. */
export function dumpRequests(directory: ShellScript): ShellScript {
  return sh`${DUMP_FUNCTIONS}
d=${directory}
${PRINT_ROOTFS}
for f in "$d"/*.key; do
  [ ! -f "$f" ] || { states "$f"; halves "$f"; }
done
for f in "$d"/*.csr; do
  [ -f "$f" ] || continue
  printf '=Q %s\n' "\${f##*/}"
  sed -n '/-----BEGIN CERTIFICATE REQUEST-----/,/-----END CERTIFICATE REQUEST-----/s/^/|/p' "$f"
done
`;
}

/**
 * Requests with a key beside them. Incomplete pairs are left out, and so are all of several with one name, which no valid
 * directory contains: whoever inspects one of them would miss what another requests.
 */
export function parseRequests(stdout: string): readonly PendingRequest[] {
  const lines = stdout.split('\n');
  const rootfs = rootfsIn(lines);
  const keys = parseDump(lines, rootfs);
  const found = stdout
    .split(/^=Q /m)
    .slice(1)
    .flatMap((section): readonly PendingRequest[] => {
      const [file = '', ...rest] = section.split('\n');
      const name = nameOf(file);
      const key = [...keys.values()].find(({ state }) => state.path.endsWith(`/${file.replace(/csr$/, 'key')}`));
      const text = rest.flatMap((line) => (line.startsWith('|') ? [`${line.slice(1)}\n`] : [])).join('');
      const request = read(text);
      const publicHalf = key?.publicHalves[0];
      if (name === undefined || !key || !request || publicHalf === undefined) return [];
      if (matchPublicKey(Buffer.from(request.publicKey, 'base64'), publicHalf) !== 'match') return [];
      return [{ name, request, pem: requestPem(text), publicHalf, keyFile: key.state }];
    });
  return found.filter(({ name }) => found.filter((other) => other.name === name).length === 1);
}

/** A request on the host is named after its credential: `etcd-server.csr`. */
function nameOf(file: string): CredentialName | undefined {
  const name = file.replace(/\.csr$/, '') as CredentialName;
  return credentialOfFile(`${requestBase(name)}.csr`) === name ? name : undefined;
}

function read(pem: string): CertificateRequest | undefined {
  try {
    return readRequest(pem);
  } catch {
    return undefined;
  }
}
