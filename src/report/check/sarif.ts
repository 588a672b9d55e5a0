import { sarifLog } from '../sarif.ts';
import { byGravity, type CheckFormat, type Finding, findingText, type Severity } from './findings.ts';
import { pathOf, ruleOf } from './rules.ts';

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
  const run = {
    invocations: [
      {
        executionSuccessful: findings.every(({ kind, severity }) => kind !== 'host' || severity === 'ok'),
        endTimeUtc: checkedAt.toISOString(),
      },
    ],
    results: bad.map((finding) => resultOf(finding, ids)),
  };
  return sarifLog({ name: 'kplay', version: kplayVersion, rules, run });
};

function resultOf(finding: Finding, rules: readonly string[]) {
  const { host, kind, name, severity } = finding;
  const id = ruleOf(finding);
  const of = kind === 'host' ? host : `${host}/${name}`;
  return {
    ruleId: id,
    ruleIndex: rules.indexOf(id),
    level: LEVELS[severity],
    message: { text: findingText(finding) },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: pathOf(finding) } },
        logicalLocations: [{ name, fullyQualifiedName: of, kind: 'resource' }],
      },
    ],
    partialFingerprints: { 'kplayFinding/v1': `${of} ${id}` },
  };
}

function describeRule(finding: Finding): string {
  if (finding.condition === 'another CA') return 'A CA in a kubeconfig that is not the CA of its cluster';
  return `A certificate, or a host, that is: ${ruleOf(finding).replaceAll('-', ' ')}`;
}
