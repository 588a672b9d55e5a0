import type { Host } from '../../core/host.ts';
import { isJsonObject, type Json, type JsonObject, objectsIn } from '../../core/json.ts';
import type { RunResult } from '../../engine/run-result.ts';
import type { CertificateRow } from '../../report/check/certificate-row.ts';
import { BROKEN, servesAnother } from '../../report/check/findings.ts';
import { groupBy } from '../../report/text/words.ts';

/** The result of checking the certificates of all hosts. */
export interface CheckFindings {
  /** Hosts that have certificates. */
  readonly hosts: readonly HostFindings[];
  /** Hosts that were checked and have no certificates. */
  readonly without: readonly HostWithout[];
  /** Hosts where the session could not read everything, so certificates may be missing. */
  readonly notReadable: readonly { readonly host: string; readonly user: string; readonly paths: readonly string[] }[];
  /** Hosts about which nothing is known: they were unreachable, or their check failed or was interrupted. */
  readonly unseen: readonly string[];
  /** Kubeconfigs that were to be checked and are on none of the hosts. */
  readonly missingKubeconfigs: readonly string[];
  /** The rules by which certificates are due, each once: `30d`; none if no host reports it. */
  readonly rules: readonly string[];
}

/** A host without certificates. */
export interface HostWithout {
  readonly host: string;
  /** The group of kubeadm nodes that it is in. */
  readonly group?: string;
  /** No host of its cluster has any, where some were expected. */
  readonly isInVain?: true;
}

export interface HostFindings {
  readonly host: string;
  readonly certificates: readonly JsonObject[];
  readonly authorities: readonly JsonObject[];
  /** CAs in kubeconfigs. */
  readonly kubeconfig_authorities: readonly JsonObject[];
  /** Why its API could not be asked, or which of its lists, in a clause; null: all were. */
  readonly api_not_asked: string | null;
  /** The rule by which a certificate of it is due: `30d`. */
  readonly rule: string;
}

/** The groups of kplay's playbooks: a kubeadm node always has certificates, at the least those of its kubelet. */
const GROUPS_OF_NODES = ['masters', 'workers'];

/** A host of the inventory, as far as it matters here. */
type ListedHost = Pick<Host, 'name' | 'groups' | 'cluster'>;

/**
 * @param variable in which hosts have registered the result of certs.check.
 * @param all hosts that were to be checked.
 * @param areExpected whether a cluster in which nothing was found was checked in vain.
 */
export function findingsIn(
  { registered }: RunResult,
  variable: string,
  all: readonly ListedHost[],
  { areExpected = false }: { readonly areExpected?: boolean } = {},
): CheckFindings {
  const results = [...registered].flatMap(([host, values]) => {
    const value = values.get(variable);
    return isJsonObject(value) ? [{ host, value }] : [];
  });
  const isFirst = firstOfCluster();
  const hosts = results.map(({ host, value }) => ({
    host,
    certificates: objectsIn(value['certificates']).filter((row) => isFirst(row, objectsIn(value['authorities']))),
    authorities: objectsIn(value['authorities']),
    kubeconfig_authorities: objectsIn(value['kubeconfig_authorities']),
    api_not_asked: typeof value['api_not_asked'] === 'string' ? value['api_not_asked'] : null,
    rule: text(value['renew_before']),
  }));
  const notReadable = results.flatMap(({ host, value }) => {
    const unreadable = value['not_readable'];
    return isJsonObject(unreadable)
      ? [{ host, user: text(unreadable['user']), paths: texts(unreadable['paths']) }]
      : [];
  });
  const seen = new Set(results.map(({ host }) => host));
  const incomplete = new Set(notReadable.map(({ host }) => host));
  const absent = results.map(({ value }) => texts(value['kubeconfigs_absent']));
  const found = hosts.filter((host) => certificatesOf(host) > 0);
  const withSome = new Set(found.map(({ host }) => host));
  const hasNone = ({ name }: ListedHost) => seen.has(name) && !incomplete.has(name) && !withSome.has(name);
  return {
    hosts: found,
    without: all.filter(hasNone).map(({ name, groups, cluster }) => {
      const group = GROUPS_OF_NODES.find((each) => groups.includes(each));
      if (group !== undefined) return { host: name, group };
      const isInVain = areExpected && all.every((each) => each.cluster !== cluster || hasNone(each));
      return { host: name, ...(isInVain && { isInVain }) };
    }),
    notReadable,
    missingKubeconfigs: [...new Set(absent.flat())].filter((path) => absent.every((paths) => paths.includes(path))),
    unseen: all.filter(({ name }) => !seen.has(name)).map(({ name }) => name),
    rules: [...new Set((found.length > 0 ? found : hosts).map(({ rule }) => rule))],
  };
}

/**
 * Every master reports the API objects of its cluster: only those of the first are used. Masters whose CAs have the same name and
 * key belong together, as everywhere, even if they have different certificates of it.
 */
function firstOfCluster(): (row: JsonObject, authorities: readonly JsonObject[]) => boolean {
  const reported = new Set<string>();
  return ({ object, serial, ends }, authorities) => {
    const ca = authorities.find(({ name }) => name === 'ca');
    if (object === undefined || typeof ca?.['public_key'] !== 'string') return true;
    const key = JSON.stringify([ca['public_key'], ca['subject'], object, serial, ends]);
    const isFirst = !reported.has(key);
    reported.add(key);
    return isFirst;
  };
}

function certificatesOf({ certificates, kubeconfig_authorities }: HostFindings): number {
  return certificates.length + kubeconfig_authorities.length;
}

/** The findings as rows of the table. */
export function rowsOf({ hosts }: CheckFindings): readonly CertificateRow[] {
  const isCopy = copiesAmong(hosts);
  return hosts.flatMap(({ host, certificates, authorities, kubeconfig_authorities }) => [
    ...[...certificates, ...kubeconfig_authorities.filter((row) => !isCopy(row))].map((row) => leafRow(host, row)),
    ...authorities.map((row) => authorityRow(host, row)),
  ]);
}

/** Whether a CA in a kubeconfig is the same, by fingerprint, as a CA of a host, which is reported already. */
export function copiesAmong(hosts: readonly Pick<HostFindings, 'authorities'>[]): (row: JsonObject) => boolean {
  const own = new Set(hosts.flatMap(({ authorities }) => authorities.map(({ fingerprint }) => fingerprint)));
  return ({ condition, fingerprint }) =>
    condition !== 'another CA' && typeof fingerprint === 'string' && own.has(fingerprint);
}

/** Masters by the reason why their API has not answered completely; a worker has no kubeconfig to ask it with. */
export function apiNotAsked({ hosts }: CheckFindings): ReadonlyMap<string, readonly string[]> {
  const masters = hosts.filter(({ certificates }) => certificates.some(({ name }) => name === 'apiserver'));
  const groups = groupBy(masters, ({ api_not_asked }) => api_not_asked ?? '');
  return new Map(
    [...groups].flatMap(([reason, group]) => (reason === '' ? [] : [[reason, group.map(({ host }) => host)] as const])),
  );
}

/** Whether a renewal would renew it. It does not repair broken certificates that are not due, such as kubelet's own. */
export function isForRenewal(row: JsonObject): boolean {
  return row['due'] === true || servesAnother(row);
}

/**
 * Things that no renewal replaces are never due, but somebody has to replace them: kubeconfigs given by the user, API objects, CAs in
 * kubeconfigs, certificates under other names of the API server.
 */
function isEndingElsewhere(row: JsonObject): boolean {
  const isElsewhere = ['user', 'object', 'cluster', 'flag'].some((mark) => row[mark] !== undefined);
  return isElsewhere && row['condition'] === 'expiring';
}

function leafRow(host: string, row: JsonObject): CertificateRow {
  const condition = text(row['condition']);
  const served = row['served'];
  const isOld = servesAnother(row);
  return {
    host,
    name: text(row['name']),
    kind: 'leaf',
    ends: row['ends'] === null ? null : text(row['ends']),
    daysLeft: typeof row['days_left'] === 'number' ? row['days_left'] : null,
    condition,
    urgency: BROKEN.has(condition)
      ? row['self_signed'] === true && condition === 'expired'
        ? 'harmless'
        : 'broken'
      : row['due'] === true || isEndingElsewhere(row)
        ? 'due'
        : isOld
          ? 'unloaded'
          : row['due'] === null
            ? 'unknown'
            : 'good',
    served: typeof served === 'string' ? served : null,
    issuer: text(row['authority']),
    ...(isOld && { note: 'restart needed' }),
    subject: text(row['subject']),
    names: texts(row['sans']),
    key: text(row['key']),
    serial: text(row['serial']),
    path: text(row['path']),
  };
}

function authorityRow(host: string, row: JsonObject): CertificateRow {
  return {
    host,
    name: text(row['name']),
    kind: 'authority',
    ends: row['ends'] === null ? null : text(row['ends']),
    daysLeft: typeof row['days_left'] === 'number' ? row['days_left'] : null,
    condition: text(row['condition']),
    urgency: row['condition'] === 'good' ? 'good' : BROKEN.has(text(row['condition'])) ? 'broken' : 'due',
    served: null,
    issuer: text(row['name']),
  };
}

function texts(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function text(value: Json | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}
