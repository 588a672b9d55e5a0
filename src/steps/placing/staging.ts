import { baseName, directoryOf } from '../../core/host-path.ts';
import type { JsonObject } from '../../core/json.ts';
import { Secret } from '../../core/secret.ts';
import { hereDocument, joinScripts, type ShellScript, sh } from '../../core/shell.ts';
import { StepFailure, type WriteContext } from '../../core/step.ts';
import { DUMP_FUNCTIONS, parseDump } from '../../facts/certificates/file-dump.ts';
import type { LeafOrder } from '../../kubeadm/certificates/leaf-order.ts';
import { holdingOf } from '../../kubeadm/host/kubeconfig.ts';
import type { Authority, KubeadmHost } from '../../kubeadm/host/model.ts';
import { STAGING_DIRECTORY } from '../../kubeadm/host/raw-files.ts';
import { AUTHORITIES, type CredentialName, PAIRS } from '../../kubeadm/table.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { identityDifference } from '../../pki/difference.ts';
import { nameParts } from '../../pki/name.ts';
import { matchPublicHalf } from '../../pki/public-half.ts';
import { isoDate } from '../../pki/time.ts';
import { isSignedBy } from '../../pki/verify.ts';
import { leafEvidence } from '../certs/leaf-evidence.ts';

/**
 * A private directory in which leaves are made, on a host that has the CAs, usually the host that the leaves are for. New
 * leaves are in `$S/new` under kubeadm's names. They are checked there, and only then moved to their places.
 */
export interface StagingArea {
  readonly context: WriteContext;
  readonly host: KubeadmHost;
  /** A separate one for each host that leaves are made for. */
  readonly directory: string;
}

/** The staging area of a host for itself, or on a master for another host. */
export function stagingArea(context: WriteContext, host: KubeadmHost, target?: string): StagingArea {
  return { context, host, directory: target === undefined ? STAGING_DIRECTORY : `${STAGING_DIRECTORY}-${target}` };
}

/** Sets `$S` to the directory. */
export function enterStage(directory: string = STAGING_DIRECTORY): ShellScript {
  return sh`S="$R"${directory}`;
}

/** A new certificate in the stage, as a word in a script. */
export function stagedCertificate(name: CredentialName): ShellScript {
  return sh`"$S"/${certificateIn(name)}`;
}

/** Its private key. */
export function stagedKey(name: CredentialName): ShellScript {
  return sh`"$S"/${keyIn(name)}`;
}

/** The path of a new certificate, for `stageFile`. */
export function certificateIn(name: CredentialName): string {
  return `new/${baseOf(name)}.crt`;
}

/** Its private key. */
export function keyIn(name: CredentialName): string {
  return `new/${baseOf(name)}.key`;
}

function baseOf(name: CredentialName): string {
  return PAIRS.find((pair) => pair.name === name)?.base ?? name;
}

/** Creates an empty staging directory. */
export function openStage(directory: string = STAGING_DIRECTORY): ShellScript {
  return sh`${enterStage(directory)}
rm -rf "$S"
mkdir "$S" "$S/new" "$S/new/etcd"`;
}

/** Links to the CAs where kubeadm expects them, beside the leaves that it makes: it can read and never replace them. */
export function linkAuthorities({ authorities }: KubeadmHost): ShellScript {
  const links = AUTHORITIES.flatMap(({ name, base }) => {
    const authority = authorities.find((candidate) => candidate.name === name);
    if (!authority) return [];
    const { certificatePath, keyPath } = authority;
    return [sh`link ${certificatePath} ${`${base}.crt`}`, sh`link ${keyPath} ${`${base}.key`}`];
  });
  return sh`link() { [ ! -f "$R$1" ] || ln -s "$R$1" "$S/new/$2"; }
${joinScripts(links)}`;
}

/** A shell function that extracts the base64 data embedded in a kubeconfig for one user, each value into a file. */
export const EMBEDDED: ShellScript = sh`# embedded KUBECONFIG CERTIFICATE KEY [CERTIFICATE_LINE KEY_LINE]: of the only user, or of the one on these lines
embedded() {
  : >"$2"
  : >"$3"
  awk -v certificate="$2" -v key="$3" -v certificate_line="\${4-}" -v key_line="\${5-}" '
    !/^[ -]*client-(certificate|key)-data:/ { next }
    key_line != "" && NR != certificate_line && NR != key_line { next }
    { out = ($0 ~ /client-key-data/) ? key : certificate }
    { sub(/^[^:]*:/, ""); sub(/#.*/, ""); gsub(/[^A-Za-z0-9+\/=]/, ""); print >out }
  ' "$1"
}`;

export interface Copy {
  readonly from: string;
  /** Relative to the stage, as for `stageFile`. */
  readonly to: string;
}

/** Copies files of the host into the stage: those with the same source and target directory, under their own names, at once. */
export function copiesTo(copies: readonly Copy[]): readonly ShellScript[] {
  const groups = new Map<string, { readonly to: string; readonly from: string[] }>();
  for (const { from, to } of copies) {
    const keepsName = baseName(from) === baseName(to);
    const target = keepsName ? `${directoryOf(to)}/` : to;
    const key = `${directoryOf(from)}\0${target}`;
    const group = groups.get(key) ?? { to: target, from: [] };
    group.from.push(from);
    groups.set(key, group);
  }
  return [...groups.values()].map(
    ({ to, from }) =>
      sh`cp ${joinScripts(
        from.map((path) => sh`"$R"${path}`),
        ' ',
      )} "$S"/${to}`,
  );
}

/** Removes the directory. A failure does not matter: the next `openStage` removes the rest. */
export async function closeStage({ context, directory }: StagingArea): Promise<void> {
  if (context.signal.aborted) return;
  await context.run(sh`rm -rf "$R"${directory}`, { mayFail: true }).catch(() => undefined);
}

/** Writes a text that may contain secrets into the stage without putting it into an argument. */
export function stageFile(name: string, content: Parameters<typeof hereDocument>[1]): ShellScript {
  return hereDocument(sh`cat >"$S"/${name}`, content);
}

/**
 * Copies checked leaves, through the memory of this process, from the master that signed them to the stage of their host. No CA
 * key is moved.
 */
export async function carryLeaves(from: StagingArea, to: StagingArea, orders: readonly LeafOrder[]): Promise<void> {
  const writes: ShellScript[] = [];
  for (const { credential } of orders) {
    const read = async (staged: ShellScript): Promise<Secret> =>
      new Secret(
        (
          await from.context.run(
            sh`${enterStage(from.directory)}
cat ${staged}`,
            { secretOutput: true },
          )
        ).stdout,
      );
    writes.push(stageFile(certificateIn(credential.name), await read(stagedCertificate(credential.name))));
    writes.push(stageFile(keyIn(credential.name), await read(stagedKey(credential.name))));
  }
  await to.context.run(sh`set -eu
${openStage(to.directory)}
${joinScripts(writes)}
`);
}

/**
 * Reads the staged leaves back and compares each with its order: signer, key, names, groups, usages, end.
 * @throws {StepFailure} when one differs from its order; no file in use has been touched then
 */
export async function checkStage(
  { context, host, directory }: StagingArea,
  orders: readonly LeafOrder[],
): Promise<readonly JsonObject[]> {
  const names = orders.map(({ credential }) => credential.name);
  const { stdout } = await context.run(sh`${DUMP_FUNCTIONS}
${enterStage(directory)}
cd "$S" || exit
certificates=${names.map(certificateIn).join(' ')}
keys=${names.map(keyIn).join(' ')}
states $certificates $keys
halves $keys
contents kind=certificate $certificates
`);
  const files = parseDump(stdout.split('\n'), '');
  return orders.map((order) => {
    const { name } = order.credential;
    const holding = holdingOf(files.get(certificateIn(name))?.certificates ?? '');
    if (holding.state !== 'present') throw rejected(name, 'there is no readable certificate');
    const authority = host.authorities.find((candidate) => candidate.name === order.credential.authority);
    const publicHalf = files.get(keyIn(name))?.publicHalves[0] ?? '';
    const fault = faultOf(holding.certificate, order, authority, publicHalf, context.now());
    if (fault !== undefined) throw rejected(name, fault);
    return leafEvidence(name, holding.certificate, order.old);
  });
}

function rejected(name: string, fault: string): StepFailure {
  return new StepFailure('new-certificate-wrong', `the new ${name} is not as it should be: ${fault}`, {
    remedy: 'nothing was replaced; choose another method (renew, phase or native), or report this with -vvv',
  });
}

/** A leaf that ends earlier than planned by more than the time needed to make all of them is not the planned one. */
const END_TOLERANCE_MS = 15 * 60_000;

function faultOf(
  made: Certificate,
  order: LeafOrder,
  authority: Authority | undefined,
  publicHalf: string,
  now: Date,
): string | undefined {
  // The first in its file is the CA that signs; others may follow while it is being replaced.
  if (!authority?.certificate || !isSignedBy(made, authority.certificate))
    return `it is not signed by ${order.credential.authority}`;
  const match = matchPublicHalf(made, publicHalf);
  if (match === 'mismatch') return 'its private key belongs to another certificate';
  if (match === 'unknown') return 'its private key is missing or damaged';
  if (made.notBefore > now.getTime() + 60_000) return 'it is not valid yet';
  if (made.notAfter < order.notAfter - END_TOLERANCE_MS) return `it expires ${isoDate(made.notAfter)}`;
  if (order.old?.fingerprint === made.fingerprint) return 'it is the old one';
  if (made.isAuthority) return 'it is a CA’s';
  return identityFault(made, order);
}

/** Differences from the order. kubeadm's `phase` may add names, and groups depend on its patch release. */
function identityFault(made: Certificate, { identity, maker, pattern }: LeafOrder): string | undefined {
  if (made.subject.commonName !== identity.commonName)
    return `its CN is ${made.subject.commonName ?? 'missing'}, not ${identity.commonName}`;
  const { dnsNames, ipAddresses, otherNames, usages: extendedKeyUsages } = identity;
  const ordered = { subject: identity, dnsNames, ipAddresses, otherNames, extendedKeyUsages, key: made.key };
  const differences = identityDifference(ordered, made).filter((difference) => {
    if (maker !== 'phase') return true;
    return /^(DNS name|IP address|name) /.test(difference) ? !difference.endsWith(' added') : pattern !== undefined;
  });
  if (differences.length > 0) return differences.join(', ');
  const known = maker === 'phase' && !pattern ? nameParts(made.subject.text) : nameParts(identity.subject);
  const strange = nameParts(made.subject.text).filter((part) => !known.includes(part));
  return strange.length > 0 ? `its subject has ${strange.join(', ')}` : undefined;
}
