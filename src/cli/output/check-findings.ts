import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import type { RunResult } from '../../engine/run-state.ts';
import type { CertificateRow } from '../../report/certificate-row.ts';
import { BROKEN, servesAnother } from '../../report/check/findings.ts';
import { groupBy } from '../../report/words.ts';

/** What a look at the certificates of all hosts has come to. */
export interface CheckFindings {
  /** Hosts that have certificates. */
  readonly hosts: readonly HostFindings[];
  /** Hosts that were looked at and have none. */
  readonly without: readonly string[];
  /** Where the session could not read everything: what is missing there is not known to be. */
  readonly notReadable: readonly { readonly host: string; readonly user: string; readonly paths: readonly string[] }[];
  /** Hosts of which nothing is known: they could not be reached, or the look at them has failed or was cut short. */
  readonly unseen: readonly string[];
  /** Kubeconfigs that were to be looked at, and are on no host that was. */
  readonly kubeconfigsNowhere: readonly string[];
  /** By what rule a certificate is due: `30d`; undefined when no host says. */
  readonly renewBefore: string | undefined;
}

export interface HostFindings {
  readonly host: string;
  readonly certificates: readonly JsonObject[];
  readonly authorities: readonly JsonObject[];
  /** CAs in kubeconfigs. */
  readonly kubeconfig_authorities: readonly JsonObject[];
  /** Why its API could not be asked, or which lists of it could not and why, in a clause; null: it was. */
  readonly api_not_asked: string | null;
}

/**
 * @param variable in which the hosts have registered what certs.check tells.
 * @param all the names of all hosts that were to be looked at.
 */
export function findingsIn({ registered }: RunResult, variable: string, all: readonly string[]): CheckFindings {
  const results = [...registered].flatMap(([host, values]) => {
    const value = values.get(variable);
    return isJsonObject(value) ? [{ host, value }] : [];
  });
  const isFirst = firstOfCluster();
  const hosts = results.map(({ host, value }) => ({
    host,
    certificates: objects(value['certificates']).filter((row) => isFirst(row, objects(value['authorities']))),
    authorities: objects(value['authorities']),
    kubeconfig_authorities: objects(value['kubeconfig_authorities']),
    api_not_asked: typeof value['api_not_asked'] === 'string' ? value['api_not_asked'] : null,
  }));
  const notReadable = results.flatMap(({ host, value }) => {
    const said = value['not_readable'];
    return isJsonObject(said) ? [{ host, user: text(said['user']), paths: texts(said['paths']) }] : [];
  });
  const absent = results.map(({ value }) => texts(value['kubeconfigs_absent']));
  const [renewBefore] = results.map(({ value }) => text(value['renew_before']));
  return {
    hosts: hosts.filter((host) => certificatesOf(host) > 0),
    without: hosts
      .filter((found) => certificatesOf(found) === 0 && !notReadable.some(({ host }) => host === found.host))
      .map(({ host }) => host),
    notReadable,
    kubeconfigsNowhere: [...new Set(absent.flat())].filter((path) => absent.every((paths) => paths.includes(path))),
    unseen: all.filter((name) => !results.some(({ host }) => host === name)),
    renewBefore,
  };
}

/** Every master tells of the objects of its API, which are the cluster's: they count once, for the first that tells of them. */
function firstOfCluster(): (row: JsonObject, authorities: readonly JsonObject[]) => boolean {
  const told = new Set<string>();
  return ({ object, serial, ends }, authorities) => {
    const cluster = authorities.find(({ name }) => name === 'ca')?.['fingerprint'];
    if (object === undefined || cluster === undefined) return true;
    const key = JSON.stringify([cluster, object, serial, ends]);
    const isFirst = !told.has(key);
    told.add(key);
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

/** Whether a CA in a kubeconfig is one of which all is said already: a CA of a host, by its fingerprint. */
export function copiesAmong(hosts: readonly HostFindings[]): (row: JsonObject) => boolean {
  const own = new Set(hosts.flatMap(({ authorities }) => authorities.map(({ fingerprint }) => fingerprint)));
  return ({ condition, fingerprint }) =>
    condition !== 'another CA' && typeof fingerprint === 'string' && own.has(fingerprint);
}

/** By why the API of masters has not told all, those masters; a worker has no kubeconfig to ask it with. */
export function apiNotAsked({ hosts }: CheckFindings): ReadonlyMap<string, readonly string[]> {
  const masters = hosts.filter(({ certificates }) => certificates.some(({ name }) => name === 'apiserver'));
  const groups = groupBy(masters, ({ api_not_asked }) => api_not_asked ?? '');
  return new Map(
    [...groups].flatMap(([reason, group]) => (reason === '' ? [] : [[reason, group.map(({ host }) => host)] as const])),
  );
}

/** A renewal would do something about it. What is broken and not due, such as kubelet's own, is none of its work. */
export function isForRenewal(row: JsonObject): boolean {
  return row['due'] === true || servesAnother(row);
}

/** What no renewal makes anew is never due, but somebody has to: a kubeconfig that was given, an object of the API, a CA in a kubeconfig. */
function isEndingElsewhere(row: JsonObject): boolean {
  const isElsewhere = ['user', 'object', 'cluster'].some((mark) => row[mark] !== undefined);
  return isElsewhere && row['condition'] === 'ends soon';
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
    ends: text(row['ends']),
    daysLeft: typeof row['days_left'] === 'number' ? row['days_left'] : null,
    condition: text(row['condition']),
    urgency: row['condition'] === 'good' ? 'good' : row['condition'] === 'expired' ? 'broken' : 'due',
    served: null,
    issuer: text(row['name']),
  };
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function texts(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function text(value: Json | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}
