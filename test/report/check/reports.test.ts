import { describe, expect, test } from 'vitest';
import { github } from '../../../src/report/check/github.ts';
import { gitlab, gitlabLog } from '../../../src/report/check/gitlab.ts';
import { authorities, checkSentence, troubles } from '../../../src/report/check/groups.ts';
import { html } from '../../../src/report/check/html.ts';
import { CHECK_REPORTS } from '../../../src/report/check/kinds.ts';
import { markdown } from '../../../src/report/check/markdown.ts';
import { ruleOf } from '../../../src/report/check/rules.ts';
import { againstCodeQuality, readSections } from '../support/gitlab.ts';
import { pageProblems } from '../support/page-problems.ts';
import { fleetReport } from './support/fleet.ts';
import { FINDINGS, reportOf } from './support/reports.ts';

const REPORT = reportOf(FINDINGS);
const FLEET = fleetReport(12);
const GOOD = reportOf(FINDINGS.slice(0, 1));
const NOTHING = reportOf([]);

test.each([...CHECK_REPORTS.files])('%s is a whole text, whatever was found', (_kind, report) => {
  for (const one of [REPORT, FLEET, GOOD, NOTHING]) expect(report(one, (file) => file)).toMatch(/\S\r?\n$/);
});

describe('what is said first', () => {
  test('counts, and names what ends first', () => {
    expect(checkSentence(FLEET)).toBe(
      '132 certificates and 12 CAs on 13 hosts: 30 critical, 1 unknown, 30 warnings, on 7 hosts. First expiry: prod-m1 admin.conf, 2026-11-20.',
    );
    expect(checkSentence(GOOD)).toBe(
      '1 certificate on 1 host, none expires within 30d. First expiry: m1 apiserver, 2027-09-20.',
    );
  });

  test('is the gravest, and certificates of a host of which the same is said stand together', () => {
    const found = troubles(FLEET).map(({ first, names }) => [first.host, first.severity, names.length]);
    expect(found.slice(0, 5)).toEqual([
      ['prod-m1', 'critical', 10],
      ['prod-m2', 'critical', 10],
      ['prod-m3', 'critical', 10],
      ['prod-m1-old', 'unknown', 0],
      ['stage-m1', 'warning', 10],
    ]);
  });

  test('a CA that several hosts have stands once', () => {
    expect(authorities(FLEET).map(({ first, hosts }) => [first.name, hosts])).toContainEqual([
      'etcd-ca',
      ['stage-m1', 'stage-m2', 'stage-m3'],
    ]);
    expect(authorities(FLEET)).toHaveLength(12);
  });
});

describe('the page of a fleet', () => {
  test('is its own, whatever hosts say', () => {
    for (const report of [REPORT, FLEET, GOOD, NOTHING]) expect(pageProblems(html(report))).toEqual([]);
    expect(html(REPORT)).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  test('has what needs attention, then a calendar of what expires when, the CAs and all hosts', () => {
    const page = html(FLEET);
    const headings = [...page.matchAll(/<h2>([^<]*)/g)].map(([, heading]) => heading);
    expect(headings).toEqual(['What needs attention', 'What expires when', 'Certificate authorities', 'Hosts']);
    expect(page).toContain(
      '<td data-name="Nov"><a class="pill isbad" href="#m2026-11" title="30 certificates on 3 hosts">30</a>',
    );
    expect(page).toMatch(/id="m2033-06"><summary><b>Jun 2033<\/b><span>3 CAs on 3 hosts/);
    expect(html(GOOD)).not.toContain('What needs attention');
    expect(page).toMatch(/<button[^>]*>Ok</);
    const bad = { ...FLEET, findings: FLEET.findings.filter(({ host }) => host === 'prod-m1') };
    // Its CAs are ok, and have no row of their own.
    expect(bad.findings.some(({ severity }) => severity === 'ok')).toBe(true);
    expect(html(bad)).not.toMatch(/<button[^>]*>Ok</);
  });

  test('counts certificates and CAs of a host apart, as those of all hosts', () => {
    const page = html(FLEET);
    const counts = [...page.matchAll(/<td data-name="Of">(?:(\d+) certificates?)?(?: and )?(?:\d+ CAs?)?/g)];
    const [, all] = /<b>(\d+)<\/b>certificates</.exec(page) ?? [];
    expect(counts.reduce((sum, [, own = '0']) => sum + Number(own), 0)).toBe(Number(all));
    expect(page).toMatch(/<td data-name="Of">\d+ certificates and \d+ CAs</);
  });

  test('is laid out for a narrow window by columns that it has', () => {
    const page = html(FLEET);
    const names = [...page.matchAll(/(?<!td)\[data-name="?([^\]"]+)/g)].map(([, name]) => name);
    expect(names).toContain('Host');
    expect(names.filter((name) => !page.includes(`<td data-name="${name}">`))).toEqual([]);
  });

  test('is below 3 MB for 1,000 hosts', () => {
    expect(Buffer.byteLength(html(fleetReport(1_000)))).toBeLessThan(3_000_000);
  });
});

test('Markdown has a row for all of a host of which the same is said', () => {
  const text = markdown(FLEET);
  expect(text).toContain('| critical | prod-m1 | admin.conf, apiserver,');
  expect(text).toContain('| unknown | prod-m1-old |  |  |  | could not be reached |');
  expect(markdown(REPORT)).not.toContain('<script>');
});

test('GitHub is given an annotation for each', () => {
  expect(github(FLEET)).toMatch(/^::error title=prod-m1%3A admin\.conf%2C apiserver.*::expired 2026-11-20\n/);
  expect(
    github(REPORT)
      .split('\n')
      .every((line) => line === '' || /^::(error|warning) title=[^:]*::/.test(line)),
  ).toBe(true);
});

test('what expires soon is of one rule, by the threshold of a renewal or by that of a warning', () => {
  const [found] = FINDINGS;
  if (!found) throw new Error('there is no finding');
  const byWarning = { ...found, severity: 'warning', condition: 'good' } as const;
  expect(ruleOf(byWarning)).toBe(ruleOf({ ...byWarning, condition: 'expiring' }));
});

describe('GitLab', () => {
  test('is given code quality that it can read, for all that is not ok', () => {
    for (const report of [REPORT, FLEET, GOOD, NOTHING]) expect(againstCodeQuality(gitlab(report))).toEqual([]);
    expect(JSON.parse(gitlab(FLEET))).toHaveLength(61);
    expect(JSON.parse(gitlab(FLEET))[0]).toMatchObject({
      description: 'prod-m1: admin.conf expired 2026-11-20',
      check_name: 'kplay/expired',
      severity: 'critical',
      location: { path: 'prod-m1/etc/kubernetes/pki/admin.conf.crt' },
    });
  });

  test('knows a finding again when some days have passed', () => {
    const later = fleetReport(12, new Date('2026-11-26T12:00:00Z'));
    const prints = (text: string) =>
      JSON.parse(text).map((issue: { readonly fingerprint: string }) => issue.fingerprint);
    expect(prints(gitlab(later))).toEqual(prints(gitlab(FLEET)));
  });

  test('has a section for each host, open where something is to be said', () => {
    const sections = readSections(gitlabLog(FLEET));
    expect(sections.map(({ head, isCollapsed }) => [head, isCollapsed])).toContainEqual(['lab-m3', true]);
    expect(sections[0]).toMatchObject({ head: 'prod-m1', isCollapsed: false });
    expect(sections.at(-1)?.head).toMatch(/^132 certificates and 12 CAs on 13 hosts/);
    expect(readSections(gitlabLog(REPORT)).length).toBeGreaterThan(3);
  });
});
