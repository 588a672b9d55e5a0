import { Secret } from '../../core/secret.ts';
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
import { isoDate } from '../../pki/time.ts';
import { isSignedBy } from '../../pki/verify.ts';

/**
 * Where leaves are made: a private directory of a host that has the CAs, as a rule the host that they are for. New leaves are
 * `$S/new/NAME.crt` and `$S/new/NAME.key`. There they are checked, and only then taken to their places.
 */
export interface Workshop {
  readonly context: WriteContext;
  readonly host: KubeadmHost;
  /** Of its own for each host that leaves are made for. */
  readonly directory: string;
}

/** The workshop of a host for itself, or on a master for another host. */
export function workshop(context: WriteContext, host: KubeadmHost, target?: string): Workshop {
  return { context, host, directory: target === undefined ? STAGING_DIRECTORY : `${STAGING_DIRECTORY}-${target}` };
}

/** Sets `$S` to the directory. */
export function enterStage(directory: string = STAGING_DIRECTORY): ShellScript {
  return sh`S="$R"${directory}`;
}

export function stagedCertificate(name: string): ShellScript {
  return sh`"$S"/new/${`${name}.crt`}`;
}

export function stagedKey(name: string): ShellScript {
  return sh`"$S"/new/${`${name}.key`}`;
}

/** An empty staging directory in which kubeadm finds the CAs: as links, so that it can read and never write them. */
export function openStage({ host, directory }: Workshop): ShellScript {
  const links = AUTHORITIES.flatMap(({ name, base }) => {
    const authority = host.authorities.find((candidate) => candidate.name === name);
    if (!authority) return [];
    const { certificatePath, keyPath } = authority;
    return [sh`link ${certificatePath} ${`${base}.crt`}`, sh`link ${keyPath} ${`${base}.key`}`];
  });
  return sh`${enterStage(directory)}
rm -rf "$S"
mkdir "$S" "$S/new" "$S/pki" "$S/pki/etcd"
link() { [ ! -f "$R$1" ] || ln -s "$R$1" "$S/pki/$2"; }
${joinScripts(links)}`;
}

export async function closeStage({ context, directory }: Workshop): Promise<void> {
  if (context.signal.aborted) return;
  await context.run(sh`rm -rf "$R"${directory}`, { mayFail: true }).catch(() => undefined);
}

/** Writes a text that may hold secrets into the stage, without it standing in an argument. */
export function stageFile(name: string, content: Parameters<typeof hereDocument>[1]): ShellScript {
  return hereDocument(sh`cat >"$S"/${name}`, content);
}

/**
 * Carries checked leaves from a master's workshop to the stage of the host that they are for, through this process's memory.
 * No CA key moves: the master has signed.
 */
export async function carryLeaves(from: Workshop, to: Workshop, orders: readonly LeafOrder[]): Promise<void> {
  const writes: ShellScript[] = [];
  for (const { credential } of orders) {
    const read = async (staged: ShellScript): Promise<Secret> =>
      new Secret(
        (
          await from.context.run(sh`${enterStage(from.directory)}
cat ${staged}`)
        ).stdout,
      );
    writes.push(stageFile(`new/${credential.name}.crt`, await read(stagedCertificate(credential.name))));
    writes.push(stageFile(`new/${credential.name}.key`, await read(stagedKey(credential.name))));
  }
  await to.context.run(sh`set -eu
${openStage(to)}
${joinScripts(writes)}
`);
}

/**
 * Reads the staged leaves back and holds each against its order: signer, key, names, groups, usages, end.
 * @throws {StepFailure} when one is not what was ordered; nothing has been taken into place then.
 */
export async function checkStage({ context, host, directory }: Workshop, orders: readonly LeafOrder[]): Promise<void> {
  const { stdout } = await context.run(sh`${DUMP_FUNCTIONS}
${enterStage(directory)}
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
  if (made.notAfter < order.notAfter - END_TOLERANCE_MS) return `it ends ${isoDate(made.notAfter)}`;
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
