import { describe, expect, it } from 'vitest';
import type { Scenario } from './lab/scenarios/scenario.ts';
import { chosenOf, formatRows, runScenarios } from './lab/scenarios/suite.ts';

const scenario = (name: string, more: Partial<Scenario> = {}): Scenario => ({
  name,
  cluster: 'a',
  ci: true,
  run: async () => undefined,
  ...more,
});
const fails = async () => {
  throw new Error('the API did not die\nwithin 60 s');
};

/** Runs scenarios on no lab: the rows without their times, and what was asked of the lab. */
async function outcome(
  scenarios: readonly Scenario[],
  built: readonly string[] = ['1.33.13'],
  version = '1.33.13',
  asBuilt = false,
) {
  const asked: string[] = [];
  const ground = {
    isBuilt: (wanted: string) => built.includes(wanted) || asked.includes(`prepare ${wanted}`),
    prepare: async (wanted: string) => {
      if (wanted === '1.99.0') throw new Error('no such module');
      asked.push(`prepare ${wanted}`);
    },
    down: async (cluster: string) => void asked.push(`down ${cluster}`),
  };
  const said: string[] = [];
  const rows = await runScenarios(scenarios, ground, {
    version,
    reuse: false,
    asBuilt,
    keep: false,
    say: (line) => said.push(line),
  });
  return { rows, asked, said, results: rows.map(({ result, reason }) => [result, reason?.split('\n')[0]].join(' ')) };
}

describe('scenarios that run', () => {
  const all = [
    scenario('one: base'),
    scenario('one: small', { needs: 'one' }),
    scenario('two: base', { ci: false }),
    scenario('two: large', { ci: false, needs: 'two' }),
  ];
  it.each([
    ['those for each time', { all: false, only: undefined }, ['one: base', 'one: small']],
    ['all', { all: true, only: undefined }, ['one: base', 'one: small', 'two: base', 'two: large']],
    ['those of a name, and what they need', { all: false, only: 'large' }, ['two: base', 'two: large']],
    ['none of such a name', { all: true, only: 'huge' }, []],
  ])('are %s', (_what, choice, names) => {
    expect(chosenOf(all, choice).map(({ name }) => name)).toEqual(names);
  });
});

describe('a suite', () => {
  it('does not try what has no cluster to go on with', async () => {
    const { results } = await outcome([
      scenario('base', { run: fails }),
      scenario('next', { needs: 'base' }),
      scenario('another'),
    ]);
    expect(results).toEqual(['failed the API did not die', "failed not tried: 'base' failed", 'passed ']);
  });

  it('builds what is missing, once, and says so', async () => {
    const { asked, said, results } = await outcome([
      scenario('old', { version: '1.30.14' }),
      scenario('old again', { version: '1.30.14' }),
      scenario('usual', { cluster: 'b' }),
    ]);
    expect(asked).toEqual(['prepare 1.30.14', 'down a', 'down b']);
    expect(said.filter((line) => line.includes('not built yet'))).toHaveLength(1);
    expect(results).toEqual(['passed ', 'passed ', 'passed ']);
  });

  it('fails what could not be built, and goes on with the rest', async () => {
    const { results } = await outcome([scenario('odd', { version: '1.99.0' }), scenario('usual')]);
    expect(results).toEqual(['failed Kubernetes 1.99.0 could not be built: no such module', 'passed ']);
  });

  it('skips what is not built, with what goes on with it, where nothing may be built', async () => {
    const old = { version: '1.30.14' };
    const all = [scenario('old', old), scenario('old: more', { ...old, needs: 'old' }), scenario('usual')];
    const { asked, results } = await outcome(all, ['1.33.13'], '1.33.13', true);
    expect(results).toEqual(['skipped Kubernetes 1.30.14 is not built', "skipped not tried: 'old' skipped", 'passed ']);
    expect(asked).toEqual(['down a']);
  });

  it('skips what the version does not have, without building it', async () => {
    const { results, asked, rows } = await outcome([scenario('keys', { since: 31 })], [], '1.30.14');
    expect(results).toEqual(['skipped Kubernetes has it from 1.31 on']);
    expect(asked).toEqual(['down a']);
    expect(formatRows(rows)).toMatch(/\n1 skipped\n0 passed, 0 failed$/);
  });

  it('takes a cluster down after the last scenario that is about it', async () => {
    const { asked } = await outcome([scenario('one'), scenario('two', { cluster: 'b' }), scenario('three')]);
    expect(asked).toEqual(['down b', 'down a']);
  });

  it('ends with a table of name, version, seconds and result', async () => {
    const { rows } = await outcome([scenario('one', { run: fails }), scenario('another', { version: '1.33.13' })]);
    const [first, second] = rows.map((row) => ({ ...row, seconds: 1.25 }));
    expect(first && second && formatRows([first, second])).toBe(
      [
        'SCENARIO  VERSION   SECONDS  RESULT',
        'one       1.33.13       1.3  failed: the API did not die',
        'another   1.33.13       1.3  passed',
        '',
        '1 passed, 1 failed',
      ].join('\n'),
    );
  });
});
