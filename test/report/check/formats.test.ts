import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { CheckFormat, CheckReport, Finding } from '../../../src/report/check/findings.ts';
import { CHECK_FORMATS } from '../../../src/report/check/formats.ts';
import { nagiosLine } from '../../../src/report/check/nagios.ts';
import { needing } from '../../support/programs.ts';
import { fc } from '../../support/random-cases.ts';
import { readXml } from '../support/xml-reader.ts';
import { readCsv, readMetrics } from './support/readers.ts';
import { FINDINGS, HOSTILE, reportOf } from './support/reports.ts';
import { SARIF_SHAPE } from './support/sarif-shape.ts';

const REPORT = reportOf(FINDINGS);
const isSarif = new Ajv({ allErrors: true }).compile(SARIF_SHAPE);

/** Reads the text as its readers do, strictly; what it says of how many findings, where it says that. */
const READERS: Readonly<Record<string, (text: string, report: CheckReport) => void>> = {
  json: (text, { document }) => expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(document))),
  yaml: (text, { document }) => {
    for (const version of ['1.1', '1.2'] as const)
      expect(parse(text, { version })).toEqual(JSON.parse(JSON.stringify(document)));
  },
  csv: (text, { findings }) => expect(readCsv(text)).toHaveLength(findings.length + 1),
  prom: (text) => readMetrics(text),
  junit: (text, { findings }) => {
    const root = readXml(text);
    const cases = root.children.flatMap(({ children }) => children);
    const ended = (how: string) => cases.filter(({ children }) => children.some(({ name }) => name === how)).length;
    expect(root.attributes).toMatchObject({
      tests: String(findings.length),
      failures: String(ended('failure')),
      errors: String(ended('error')),
    });
    expect(cases).toHaveLength(findings.length);
  },
  sarif: (text, { findings }) => {
    const log = JSON.parse(text);
    expect(isSarif(log), JSON.stringify(isSarif.errors)).toBe(true);
    const [run] = log.runs;
    expect(run.results).toHaveLength(findings.filter(({ severity }) => severity !== 'ok').length);
    for (const { ruleId, ruleIndex, locations } of run.results) {
      expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
      expect(new URL(locations[0].physicalLocation.artifactLocation.uri, 'file:///').host).toBe('');
    }
  },
};

async function formatOf(name: string): Promise<CheckFormat> {
  const format = await CHECK_FORMATS[name]?.();
  if (!format) throw new Error(`no format ${name}`);
  return format;
}

const anyFinding: fc.Arbitrary<Finding> = fc
  .tuple(fc.constantFrom(...FINDINGS), fc.string({ unit: 'binary' }), fc.domain(), fc.string({ unit: 'binary' }))
  .map(([finding, text, host, path]) => ({ ...finding, host, why: text, name: text, subject: text, path: `/${path}` }));

test('the document for readers names every format', () => {
  const document = readFileSync(new URL('../../../docs/check.md', import.meta.url), 'utf8');
  const [table = ''] = document.split('| `-o` | content |').slice(1);
  const formats = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| `([a-z]+)` \|/gm)].map(([, name]) => name);
  expect(formats).toEqual(Object.keys(CHECK_FORMATS));
});

test('every format has its reader here', () => {
  expect(Object.keys(READERS)).toEqual(Object.keys(CHECK_FORMATS));
});

describe.each(Object.entries(READERS))('-o %s', (name, read) => {
  test('is read by what reads such files, with what hosts say as text', async () => {
    const text = (await formatOf(name))(REPORT);
    read(text, REPORT);
    expect(text.replace(/\r\n/g, '\n')).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u);
  });

  test('is read, too, when nothing was found', async () => {
    read((await formatOf(name))(reportOf([])), reportOf([]));
  });

  test('is read whatever the hosts say', async () => {
    const format = await formatOf(name);
    fc.assert(
      fc.property(fc.array(anyFinding, { maxLength: 5 }), (findings) => {
        const report = reportOf(findings);
        read(format(report), report);
      }),
      { numRuns: 50 },
    );
  });
});

describe('-o csv', () => {
  test('has the gravest first, and numbers as numbers', async () => {
    const [head = [], ...rows] = readCsv((await formatOf('csv'))(REPORT));
    const column = (name: string) => rows.map((row) => row[head.indexOf(name)]);
    expect(column('severity')).toEqual(['critical', 'critical', 'unknown', 'unknown', 'warning', 'ok', 'ok', 'ok']);
    expect(column('days_left')).toContain('-4');
  });

  test.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    [' =1', "' =1"],
    ['\t=1', "'\\t=1"],
    ['a=1', 'a=1'],
  ])('makes no formula of %j', async (subject, shown) => {
    const [head = [], row = []] = readCsv(
      (await formatOf('csv'))(reportOf(FINDINGS.slice(0, 1).map((one) => ({ ...one, subject })))),
    );
    expect(row[head.indexOf('subject')]).toBe(shown);
  });
});

describe('-o prom', () => {
  test('tells when each certificate ends, on disk and as served, and which hosts could be read', async () => {
    const samples = readMetrics((await formatOf('prom'))(REPORT));
    const measured = (name: string, labels: Readonly<Record<string, string>>) =>
      samples.find(
        (sample) =>
          sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
      )?.value;
    const etcd = { host: 'm1', certificate: 'etcd-server' };
    expect(measured('kplay_certificate_not_after_timestamp_seconds', etcd)).toBe(
      Date.parse('2026-11-20T12:00:00Z') / 1000,
    );
    expect(measured('kplay_certificate_served_not_after_timestamp_seconds', etcd)).toBe(
      Date.parse('2027-09-20T12:00:00Z') / 1000,
    );
    expect(measured('kplay_certificate_severity', etcd)).toBe(2);
    expect(measured('kplay_check_host_success', { host: 'm1' })).toBe(1);
    expect(measured('kplay_check_host_success', { host: 'm3' })).toBe(0);
    expect(measured('kplay_check_findings', { severity: 'unknown' })).toBe(2);
  });

  test('gives no series twice', async () => {
    const [one] = FINDINGS;
    readMetrics((await formatOf('prom'))(reportOf(one ? [one, one] : [])));
  });

  test('passes promtool', needing('promtool'), async () => {
    const input = (await formatOf('prom'))(REPORT);
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

describe('-o junit', () => {
  test('fails what is critical or a warning; what could not be read is an error', async () => {
    const root = readXml((await formatOf('junit'))(REPORT));
    expect(root.attributes).toMatchObject({ tests: '8', failures: '3', errors: '2' });
    expect(root.children.map(({ attributes }) => attributes['name']).slice(0, 4)).toEqual(['m1', 'm2', 'm3', 'lb1']);
  });

  test('passes xmllint', needing('xmllint'), async () => {
    const input = (await formatOf('junit'))(REPORT);
    const { status, stderr } = spawnSync('xmllint', ['--noout', '-'], { input, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('--nagios', () => {
  const NAGIOS = /^CERTIFICATES (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]*(?: \| [^|\n]+)?\n$/;

  test('is one line with the worst in words, and numbers behind a bar', () => {
    const [line = ''] = nagiosLine(reportOf(FINDINGS.slice(0, 7))).split('\n');
    expect(line).toBe(
      'CERTIFICATES CRITICAL - m1 etcd-server expired 2026-11-20; m2 admin.conf not readable; m3 could not be reached; and 1 more' +
        ' | soonest_end=-357164s;2592000:;604800: certificates=5;;;0 critical=1;;0;0 warning=1;0;;0 unknown=2;;;0',
    );
  });

  test('finds the end that comes first among those of a large fleet', () => {
    const [finding] = FINDINGS;
    if (!finding) throw new Error('no finding');
    const [line = ''] = nagiosLine(reportOf(Array.from({ length: 200_000 }, () => finding))).split('\n');
    expect(line).toContain('certificates=200000;');
    expect(line).toMatch(/ soonest_end=-?\d+s;/);
  });

  test('is never ok when nothing was looked at, and one line whatever a host says', () => {
    expect(nagiosLine(reportOf([]))).toMatch(/^CERTIFICATES UNKNOWN /);
    expect(nagiosLine(REPORT)).toMatch(NAGIOS);
    expect(nagiosLine(REPORT)).not.toContain(HOSTILE);
    expect(nagiosLine(reportOf(FINDINGS.slice(0, 1)))).toMatch(
      /^CERTIFICATES OK - 1 certificate on 1 host, none expires within 30d \| /,
    );
  });
});
