import { hereDocument, joinScripts, type ShellScript, sh } from '../../core/shell.ts';
import { StepFailure, type WriteContext } from '../../core/step.ts';
import { DUMP_FUNCTIONS, parseDump } from '../../facts/file-dump.ts';
import { holdingOf } from '../../kubeadm/kubeconfig.ts';
import type { LeafOrder } from '../../kubeadm/leaf-order.ts';
import type { Authority, KubeadmHost } from '../../kubeadm/model.ts';
import { STAGING_DIRECTORY } from '../../kubeadm/raw-files.ts';
import { AUTHORITIES } from '../../kubeadm/table.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { identityDifference, lostNames } from '../../pki/difference.ts';
import { matchPublicHalf } from '../../pki/public-half.ts';
import { isSignedBy } from '../../pki/verify.ts';

/**
 * New leaves are made in a private directory of the host: `$S/new/NAME.crt` and `$S/new/NAME.key`. There they are checked,
 * and only then taken to their places.
 */
export const STAGE: ShellScript = sh`S="$R"${STAGING_DIRECTORY}`;

export function stagedCertificate(name: string): ShellScript {
  return sh`"$S"/new/${`${name}.crt`}`;
}

export function stagedKey(name: string): ShellScript {
  return sh`"$S"/new/${`${name}.key`}`;
}

/** An empty staging directory in which kubeadm finds the CAs: as links, so that it can read and never write them. */
export function openStage(host: KubeadmHost): ShellScript {
  const links = AUTHORITIES.flatMap(({ base }) =>
    ['crt', 'key'].map(
      (suffix) => sh`link ${`${host.certificatesDirectory}/${base}.${suffix}`} ${`${base}.${suffix}`}`,
    ),
  );
  return sh`${STAGE}
rm -rf "$S"
mkdir "$S" "$S/new" "$S/pki" "$S/pki/etcd"
link() { [ ! -f "$R$1" ] || ln -s "$R$1" "$S/pki/$2"; }
${joinScripts(links)}`;
}

export function closeStage(): ShellScript {
  return sh`${STAGE}
rm -rf "$S"
`;
}

/** Writes a text that may hold secrets into the stage, without it standing in an argument. */
export function stageFile(name: string, content: Parameters<typeof hereDocument>[1]): ShellScript {
  return hereDocument(sh`cat >"$S"/${name}`, content);
}

/**
 * Reads the staged leaves back and holds each against its order: signer, key, names, groups, usages, end.
 * @throws {StepFailure} when one is not what was ordered; nothing has been taken into place then.
 */
export async function checkStage(
  context: WriteContext,
  host: KubeadmHost,
  orders: readonly LeafOrder[],
): Promise<void> {
  const { stdout } = await context.run(sh`${DUMP_FUNCTIONS}
${STAGE}
dump certificate "$S"/new/*.crt
dump key "$S"/new/*.key
`);
  const files = parseDump(stdout.split('\n'), '');
  const at = (suffix: string) => [...files.entries()].find(([path]) => path.endsWith(`/new/${suffix}`))?.[1];
  for (const order of orders) {
    const { name } = order.credential;
    const holding = holdingOf(at(`${name}.crt`)?.certificates ?? '');
    if (holding.state !== 'present') throw rejected(name, 'there is no certificate that can be read');
    const authority = host.authorities.find((candidate) => candidate.name === order.credential.authority);
    const half = at(`${name}.key`)?.publicHalves[0] ?? '';
    const fault = faultOf(holding.certificate, order, authority, half, context.now());
    if (fault !== undefined) throw rejected(name, fault);
  }
}

function rejected(name: string, fault: string): StepFailure {
  return new StepFailure(
    `the new ${name} is not what was ordered: ${fault}`,
    [],
    'nothing was replaced; choose another method (renew, phase or native), or report this with -vvv',
  );
}

/** A leaf whose end lies further before the planned one than making all of them can take is not the planned one. */
const END_TOLERANCE_MS = 15 * 60_000;

function faultOf(
  made: Certificate,
  order: LeafOrder,
  authority: Authority | undefined,
  publicHalf: string,
  now: Date,
): string | undefined {
  if (!authority?.bundle.some((candidate) => isSignedBy(made, candidate)))
    return `it is not signed by ${order.credential.authority}`;
  if (matchPublicHalf(made, publicHalf) === 'mismatch') return 'its private key belongs to another certificate';
  if (made.notBefore > now.getTime() + 60_000) return 'it is not valid yet';
  if (made.notAfter < order.notAfter - END_TOLERANCE_MS)
    return `it ends ${new Date(made.notAfter).toISOString().slice(0, 10)}`;
  if (order.pattern && order.pattern.serial === made.serial) return 'it is the old one';
  const { identity } = order;
  if (made.subject.commonName !== identity.commonName)
    return `its CN is ${made.subject.commonName ?? 'missing'}, not ${identity.commonName}`;
  const lost = order.pattern
    ? lostNames(order.pattern, made)
    : [...identity.dnsNames, ...identity.ipAddresses].filter(
        (name) => ![...made.dnsNames, ...made.ipAddresses].includes(name),
      );
  if (lost.length > 0) return `it has lost the name ${lost.join(', ')}`;
  const changes = order.pattern
    ? identityDifference(order.pattern, made).filter((change) => /^(O|usage) /.test(change))
    : [];
  return changes.length > 0 ? changes.join(', ') : undefined;
}
