import { jsonText } from '../json-text.ts';
import { byGravity, type CheckFormat, type Finding, type Severity } from './findings.ts';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'none'>> = {
  critical: 'error',
  warning: 'warning',
  // That it could not be looked at is not known to be good.
  unknown: 'error',
  ok: 'none',
};

/** SARIF 2.1.0: a result for all that is not good, a rule for each condition in which it is. */
export const sarif: CheckFormat = ({ findings, kplayVersion, checkedAt }) => {
  const bad = byGravity(findings).filter(({ severity }) => severity !== 'ok');
  const rules = [...new Map(bad.map((finding) => [ruleOf(finding), describeRule(finding)]))];
  const ids = rules.map(([id]) => id);
  const driver = {
    name: 'kplay',
    version: kplayVersion,
    rules: rules.map(([id, text]) => ({ id, shortDescription: { text } })),
  };
  const run = {
    tool: { driver },
    invocations: [
      {
        executionSuccessful: findings.every(({ kind, severity }) => kind !== 'host' || severity === 'ok'),
        endTimeUtc: checkedAt.toISOString(),
      },
    ],
    results: bad.map((finding) => resultOf(finding, ids)),
  };
  return `${jsonText({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }, 2)}\n`;
};

function resultOf(finding: Finding, rules: readonly string[]) {
  const { host, kind, name, severity, why, path } = finding;
  const id = ruleOf(finding);
  const text = kind === 'host' ? `${host}: ${why}` : `${host}: ${name} ${why}`;
  const of = kind === 'host' ? host : `${host}/${name}`;
  return {
    ruleId: id,
    ruleIndex: rules.indexOf(id),
    level: LEVELS[severity],
    message: { text },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(host, path ?? '') } },
        logicalLocations: [{ name, fullyQualifiedName: of, kind: 'resource' }],
      },
    ],
    partialFingerprints: { 'kplayFinding/v1': `${of} ${id}` },
  };
}

/** `expired`, `ends-soon`, `served-old-one`: what is the matter, as a name that stays. */
function ruleOf({ kind, condition, served, severity }: Finding): string {
  if (condition !== 'good' || kind === 'host') return slug(condition);
  if (served !== null && served !== 'good') return `served-${slug(served)}`;
  return severity === 'ok' ? 'good' : 'ends-soon';
}

function describeRule(finding: Finding): string {
  return `A certificate, or a host, that is: ${ruleOf(finding).replaceAll('-', ' ')}`;
}

function slug(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

/** A relative reference, as readers of SARIF want it for a file that is not of their machine: `m1/etc/kubernetes/admin.conf`. */
function uriOf(host: string, path: string): string {
  return [host, ...path.split('/').filter((part) => part !== '')].map(uriPart).join('/');
}

function uriPart(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd'));
}
