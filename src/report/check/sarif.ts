import { sarifLog } from '../formats/sarif.ts';
import { bySeverity, type CheckFormat, type Finding, findingText, type Severity } from './findings.ts';
import { pathOf, ruleOf } from './rules.ts';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'none'>> = {
  critical: 'error',
  warning: 'warning',
  // A host that could not be checked may be in a bad state.
  unknown: 'error',
  ok: 'none',
};

/** SARIF 2.1.0: a result for each finding that is not good, a rule for each condition. */
export const sarif: CheckFormat = ({ findings, kplayVersion, checkedAt }) => {
  const bad = bySeverity(findings).filter(({ severity }) => severity !== 'ok');
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
