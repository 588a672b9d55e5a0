import { wholeText } from '../formats/report-kinds.ts';
import { groupBy } from '../text/words.ts';
import { type XmlElement, xml, xmlDocument } from '../text/xml.ts';
import type { CheckFormat, Finding } from './findings.ts';

/**
 * A suite per host and a case per certificate, according to Jenkins' schema. Critical and warning are failures; what could not be read is
 * an error, never passed.
 */
export const junit: CheckFormat = ({ findings, checkedAt }) => {
  const timestamp = checkedAt.toISOString().slice(0, 19);
  const suites = [...groupBy(findings, ({ host }) => host)].map(([host, ofHost]) =>
    xml('testsuite', { name: host, ...counts(ofHost), skipped: 0, time: 0, timestamp }, ofHost.map(testCase)),
  );
  return wholeText(xmlDocument('testsuites', { name: 'kplay check', ...counts(findings), time: 0 }, suites));
};

function counts(findings: readonly Finding[]) {
  const errors = findings.filter(({ severity }) => severity === 'unknown').length;
  const failures = findings.filter(({ severity }) => severity === 'critical' || severity === 'warning').length;
  return { tests: findings.length, failures, errors };
}

function testCase(finding: Finding): XmlElement {
  const { host, name, kind, severity, why } = finding;
  const title = kind === 'host' ? 'its certificates can be read' : name;
  const message = `${host} ${kind === 'host' ? '' : `${name} `}${why}`;
  const ended =
    severity === 'ok'
      ? []
      : [xml(severity === 'unknown' ? 'error' : 'failure', { type: severity, message }, [details(finding)])];
  return xml('testcase', { classname: host, name: title, time: 0 }, ended);
}

function details({ condition, ends, served, servedEnds, authority, subject, serial, path }: Finding): string {
  const lines = [
    ['on disk', condition],
    ['expires', ends],
    ['served', served],
    ['served expires', servedEnds],
    ['signed by', authority],
    ['subject', subject],
    ['serial', serial],
    ['path', path],
  ].flatMap(([label, value]) => (value === null ? [] : [`${label}: ${value}`]));
  return lines.join('\n');
}
