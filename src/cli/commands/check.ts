import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import { SourceFile } from '../../core/source.ts';
import type { RunResult } from '../../engine/run-state.ts';
import { readPlaybook } from '../../playbook/load.ts';
import type { CertificateRow } from '../../report/certificate-row.ts';
import { formatCertificates } from '../../report/certificates.ts';
import { count } from '../../report/words.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import { sameOptions } from '../next-commands.ts';
import { DEFAULT_RENEW_BEFORE, type HostOptions, type OutputOptions } from '../options.ts';
import { textOptions, timeZone } from '../output.ts';
import { RENEWAL } from '../playbook-files.ts';
import { troubleReporter } from '../quiet-reporter.ts';
import { runPlaybook } from '../run-playbook.ts';

export interface CheckCommandOptions extends HostOptions, OutputOptions {
  readonly renewBefore: string;
  readonly extraVars: readonly string[];
}

const PLAYBOOK = (renewBefore: string): string => `- name: Certificates
  hosts: all
  tasks:
    - name: Look at every certificate
      certs.check: { renew_before: ${JSON.stringify(renewBefore)} }
      register: certificates
`;

/** `kplay check`: every certificate of every host, the most urgent first. */
export async function check(options: CheckCommandOptions, environment: Environment): Promise<number> {
  const finished = await runPlaybook({
    command: 'check',
    source: 'kplay check',
    options: { ...options, output: 'plain' },
    environment,
    inputs: {
      playbook: (problems) =>
        readPlaybook(new SourceFile('kplay check', PLAYBOOK(options.renewBefore)), catalogue, problems),
    },
    reporter: troubleReporter(environment, options),
  });
  const found = resultsOf(finished.result);
  const { stdout, clock } = environment;
  if (options.output === 'json') stdout.write(`${JSON.stringify(asJson(found, finished.result), null, 2)}\n`);
  else {
    const rows = found.flatMap(({ host, certificates, authorities }) => [
      ...certificates.map((row) => leafRow(host, row)),
      ...authorities.map((row) => authorityRow(host, row)),
    ]);
    const text = formatCertificates(rows, {
      ...textOptions(stdout, options, environment),
      title: titleOf(options, found.length, finished.inputs.hosts.length),
      renewBefore: options.renewBefore,
      now: clock(),
      wide: options.output === 'wide',
      timeZone: timeZone(options),
    });
    stdout.write(`${text}\n`);
    if (found.some(({ certificates }) => certificates.some(isForRenewal))) {
      const rule = options.renewBefore === DEFAULT_RENEW_BEFORE ? '' : ` -e renew_before=${options.renewBefore}`;
      stdout.write(`\nNext: kplay plan ${RENEWAL} ${sameOptions(options)}${rule}\n`);
    }
  }
  return finished.exitCode;
}

interface Found {
  readonly host: string;
  readonly certificates: readonly JsonObject[];
  readonly authorities: readonly JsonObject[];
}

function resultsOf({ registered }: RunResult): readonly Found[] {
  return [...registered].flatMap(([host, values]): readonly Found[] => {
    const value = values.get('certificates');
    if (!isJsonObject(value)) return [];
    const certificates = objects(value['certificates']);
    return certificates.length === 0 ? [] : [{ host, certificates, authorities: objects(value['authorities']) }];
  });
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** `prod · 3 hosts`, or `prod · 2 of 3 hosts` where not all have shown certificates. */
function titleOf({ inventory }: CheckCommandOptions, seen: number, all: number): string {
  const name = inventory.map((source) => source.replace(/^.*\//, '').replace(/\.ya?ml$|\.ini$/, '')).join(', ');
  return `${name} · ${seen === all ? '' : `${seen} of `}${count(all, 'host')}`;
}

/** A renewal would do something about it. What is broken and not due, such as kubelet's own, is none of its work. */
function isForRenewal(row: JsonObject): boolean {
  return row['due'] === true || row['served'] === 'old one';
}

/** Conditions in which a certificate serves nobody. */
const BROKEN = new Set([
  'expired',
  'missing',
  'unreadable',
  'key missing',
  'key mismatch',
  'foreign signer',
  'not yet valid',
]);

function leafRow(host: string, row: JsonObject): CertificateRow {
  const condition = text(row['condition']);
  const served = row['served'];
  const isOld = served === 'old one';
  return {
    host,
    name: text(row['name']),
    kind: 'leaf',
    ends: row['ends'] === null ? null : text(row['ends']),
    daysLeft: typeof row['days_left'] === 'number' ? row['days_left'] : null,
    condition,
    urgency: BROKEN.has(condition) ? 'broken' : row['due'] === true || isOld ? 'due' : 'good',
    served: typeof served === 'string' ? served : null,
    issuer: text(row['authority']),
    ...(isOld && { note: 'restart needed' }),
    subject: text(row['subject']),
    names: Array.isArray(row['sans']) ? row['sans'].map(String) : [],
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

function text(value: Json | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}

function asJson(found: readonly Found[], result: RunResult): Json {
  return {
    version: 1,
    hosts: found.map(({ host, certificates, authorities }) => ({ host, certificates, authorities })),
    unreachable: result.unreachable,
  };
}
