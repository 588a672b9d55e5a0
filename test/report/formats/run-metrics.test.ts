import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CHECK_METRICS, checkMetrics } from '../../../src/report/check/prom.ts';
import { prometheusText } from '../../../src/report/formats/prometheus.ts';
import { RUN_METRICS, runMetrics } from '../../../src/report/formats/run-metrics.ts';
import { needing } from '../../support/programs.ts';
import { readMetrics } from '../check/support/readers.ts';
import { FINDINGS, reportOf } from '../check/support/reports.ts';
import { recap } from '../support/cluster.ts';

const HOSTS = [
  { ...recap('m1'), cluster: { kind: 'declared', name: 'prod' } },
  { ...recap('m2'), failed: 1, restored: 1, cluster: { kind: 'declared', name: 'prod' } },
  { ...recap('lb'), cluster: { kind: 'none' } },
] as const;
const FIGURES = {
  command: 'run',
  endedAt: new Date('2026-11-24T15:12:44Z'),
  elapsedMs: 1500,
  exitCode: 2,
  hosts: HOSTS,
};
const TEXT = prometheusText([...checkMetrics(reportOf(FINDINGS)), ...runMetrics(FIGURES)]);

describe('the metrics of a run', () => {
  const samples = readMetrics(TEXT);
  const measured = (name: string, wanted: Readonly<Record<string, string>> = {}) =>
    samples.filter(
      ({ name: own, labels }) => own === name && Object.entries(wanted).every(([key, value]) => labels[key] === value),
    );

  test('tell when it ended and how, of hosts and of clusters', () => {
    expect(measured('kplay_run_end_timestamp_seconds', { command: 'run' })).toMatchObject([{ value: 1795533164 }]);
    expect(measured('kplay_run_exit_code')).toMatchObject([{ value: 2 }]);
    expect(measured('kplay_run_host_success', { host: 'm1', cluster: 'prod' })).toMatchObject([{ value: 1 }]);
    expect(measured('kplay_run_host_success', { host: 'm2' })).toMatchObject([{ value: 0 }]);
    expect(measured('kplay_run_host_restored', { host: 'm2' })).toMatchObject([{ value: 1 }]);
    expect(measured('kplay_run_cluster_success', { cluster: 'prod' })).toMatchObject([{ value: 0 }]);
    expect(measured('kplay_run_cluster_success', { cluster: 'hosts of no cluster' })).toMatchObject([{ value: 1 }]);
    expect(measured('kplay_run_host_tasks', { host: 'm2', outcome: 'failed' })).toMatchObject([{ value: 1 }]);
  });

  test('tell hosts that a failed run has not got to from those that it has left for a later window', () => {
    const untouched = { ...recap('x'), ok: 0, changed: 0 };
    const hosts = [
      { ...untouched, host: 'not started' },
      { ...untouched, host: 'outside its window' },
      { ...recap('cut short'), ok: 3, stopped: { why: 'cancelled', at: 'task' } },
      { ...untouched, host: 'skipped all', skipped: 2 },
    ] as const;
    const good = (exitCode: number) =>
      readMetrics(prometheusText(runMetrics({ ...FIGURES, exitCode, hosts, left: ['outside its window'] })))
        .filter(({ name, value }) => name === 'kplay_run_host_success' && value === 1)
        .map(({ labels }) => labels['host']);
    expect(good(2)).toEqual(['outside its window', 'skipped all']);
    // With --window skip, a rollout ends well before it has got to all.
    expect(good(0)).toEqual(hosts.map(({ host }) => host));
  });

  test('have no labels but those that the reference names', () => {
    const kinds = [...Object.values(CHECK_METRICS), ...Object.values(RUN_METRICS)];
    const allowed = new Map(kinds.map(({ name, labels }): [string, readonly string[]] => [name, labels]));
    for (const { name, labels } of samples)
      expect(allowed.get(name)).toEqual(expect.arrayContaining(Object.keys(labels)));
  });

  test('are those of docs/reference/metrics.md', () => {
    const document = readFileSync(new URL('../../../docs/reference/metrics.md', import.meta.url), 'utf8');
    const documented = [...document.matchAll(/^\| `(kplay_\w+)`/gm)].map(([, name]) => name);
    expect(documented).toEqual([...new Set(samples.map(({ name }) => name))]);
  });

  test('pass promtool', needing('promtool'), () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: TEXT, encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});
