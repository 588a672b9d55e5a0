import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { needing } from '../support/programs.ts';
import { DOCUMENTS } from './support/documents.ts';

const DAY = 86_400;

/** A certificate as `kplay check --metrics` writes it, at the time 0 of promtool. */
function seriesOf(certificate: string, days: number | undefined, severity: number, condition: string) {
  const labels = `host="m1",certificate="${certificate}",kind="leaf",path="/${certificate}"`;
  const ends = `kplay_certificate_not_after_timestamp_seconds{${labels}}`;
  return [
    ...(days === undefined ? [] : [{ series: ends, values: `${days * DAY}` }]),
    { series: `kplay_certificate_severity{${labels},condition="${condition}"}`, values: `${severity}` },
  ];
}

/** What promtool says of the alerts on the page of metrics, when these series have been read. */
function promtool(series: object[], expected: Readonly<Record<string, readonly string[]>>): string {
  const page = DOCUMENTS.find(({ path }) => path === 'docs/metrics.md')?.text ?? '';
  const [, rules = ''] = /^```yaml\n([\s\S]*?)^```/m.exec(page) ?? [];
  const directory = mkdtempSync(join(tmpdir(), 'kplay-alerts-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'rules.yml'), stringify({ groups: [{ name: 'kplay', rules: parse(rules) }] }));
  const firing = Object.entries(expected).map(([alertname, certificates]) => ({
    expr: `count by (certificate) (ALERTS{alertname="${alertname}",alertstate="firing"})`,
    eval_time: '0s',
    exp_samples: certificates.map((certificate) => ({ labels: `{certificate="${certificate}"}`, value: 1 })),
  }));
  const cases = {
    rule_files: ['rules.yml'],
    tests: [{ interval: '1m', input_series: series, promql_expr_test: firing }],
  };
  writeFileSync(join(directory, 'test.yml'), stringify(cases));
  const { stdout, stderr } = spawnSync('promtool', ['test', 'rules', 'test.yml'], { cwd: directory, encoding: 'utf8' });
  return `${stdout}${stderr}`;
}

test(
  "the alerts tell what is urgent, and nothing of what a renewal leaves: a kubelet's own certificate",
  needing('promtool'),
  () => {
    const series = [
      ...seriesOf('apiserver', 10, 1, 'expiring'),
      ...seriesOf('scheduler.conf', 300, 0, 'good'),
      ...seriesOf('admin.conf', undefined, 2, 'missing'),
      ...seriesOf('kubelet-server', -1, 1, 'expired'),
    ];
    const said = promtool(series, { CertificateEndsSoon: ['apiserver'], CertificateCritical: ['admin.conf'] });
    expect(said).toContain('SUCCESS');
    // One that the cluster has signed is a warning, too, until it is critical.
    expect(promtool(seriesOf('kubelet-server', 10, 1, 'expiring'), { CertificateEndsSoon: [] })).toContain('SUCCESS');
    const signed = promtool(seriesOf('kubelet-server', 6, 2, 'expiring'), {
      CertificateEndsSoon: ['kubelet-server'],
      CertificateCritical: ['kubelet-server'],
    });
    expect(signed).toContain('SUCCESS');
  },
);
