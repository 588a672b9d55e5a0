import type { Scenario } from './scenario.ts';

export interface Choice {
  /** Every one, not only those that are small enough for each time. */
  readonly all: boolean;
  /** Those with this in their names, whatever their size. */
  readonly only: string | undefined;
}

/** The scenarios that are asked for, in their order, and those whose clusters they go on with. */
export function chosenOf(scenarios: readonly Scenario[], { all, only }: Choice): readonly Scenario[] {
  const chosen = scenarios.filter((scenario) =>
    only === undefined ? scenario.ci || all : scenario.name.includes(only),
  );
  return scenarios.filter(
    (scenario) => chosen.includes(scenario) || chosen.some((candidate) => isBaseOf(scenario, candidate)),
  );
}

function isBaseOf(scenario: Scenario, { needs }: Scenario): boolean {
  return needs !== undefined && scenario.name.startsWith(needs) && scenario.needs === undefined;
}

/** What came of a scenario. */
export interface Row {
  readonly name: string;
  readonly version: string;
  readonly seconds: number;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** Why it did not pass. */
  readonly reason?: string;
}

/** What a suite needs of the lab. */
export interface Ground {
  isBuilt(version: string): boolean;
  /** Builds a version of Kubernetes. */
  prepare(version: string): Promise<unknown>;
  down(cluster: string): Promise<void>;
}

export interface SuiteOptions {
  /** Of Kubernetes, for scenarios that name none. */
  readonly version: string;
  readonly reuse: boolean;
  /** Skip what needs a version that is not built yet. */
  readonly asBuilt: boolean;
  /** Leave the clusters up. */
  readonly keep: boolean;
  readonly say: (line: string) => void;
}

/**
 * Runs scenarios one after the other. What a scenario's version lacks is built before it, once; one whose cluster did not come
 * about is not tried. Clusters go down when no later scenario is about them.
 */
export async function runScenarios(
  scenarios: readonly Scenario[],
  ground: Ground,
  options: SuiteOptions,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const unbuilt = new Map<string, string>();
  for (const [index, scenario] of scenarios.entries()) {
    const version = scenario.version ?? options.version;
    options.say(`- ${scenario.name}`);
    const idle = idleReason(scenario, version, scenarios, rows) ?? unbuiltReason(version, ground, options);
    if (idle === undefined && !unbuilt.has(version) && !ground.isBuilt(version)) {
      options.say(`  Kubernetes ${version} is not built yet: building it, ten to fifteen minutes`);
      const failure = await failureOf(() => ground.prepare(version));
      if (failure !== undefined) unbuilt.set(version, `Kubernetes ${version} could not be built: ${failure}`);
    }
    const started = Date.now();
    const missing = unbuilt.get(version);
    const failed = idle ? undefined : (missing ?? (await failureOf(() => scenario.run({ ...options, version }))));
    const outcome = idle ?? (failed === undefined ? PASSED : { result: 'failed' as const, reason: failed });
    if (outcome.reason !== undefined) options.say(`  ${outcome.result.toUpperCase()} ${outcome.reason}`);
    rows.push({ name: scenario.name, version, seconds: (Date.now() - started) / 1000, ...outcome });
    const isLast = scenarios.slice(index + 1).every(({ cluster }) => cluster !== scenario.cluster);
    if (isLast && !options.keep) await ground.down(scenario.cluster);
  }
  return rows;
}

type Outcome = Pick<Row, 'result' | 'reason'>;

const PASSED: Outcome = { result: 'passed' };

/** Why a scenario is not tried at all. */
function idleReason(
  scenario: Scenario,
  version: string,
  scenarios: readonly Scenario[],
  rows: readonly Row[],
): Outcome | undefined {
  const { since } = scenario;
  if (since !== undefined && Number(version.split('.')[1]) < since)
    return { result: 'skipped', reason: `Kubernetes has it from 1.${since} on` };
  const bases = scenarios.filter((candidate) => isBaseOf(candidate, scenario)).map(({ name }) => name);
  const broken = rows.find(({ name, result }) => bases.includes(name) && result !== 'passed');
  return broken && { result: broken.result, reason: `not tried: '${broken.name}' ${broken.result}` };
}

function unbuiltReason(version: string, ground: Ground, { asBuilt }: SuiteOptions): Outcome | undefined {
  if (!asBuilt || ground.isBuilt(version)) return undefined;
  return { result: 'skipped', reason: `Kubernetes ${version} is not built` };
}

async function failureOf(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const REASON_WIDTH = 100;

/** The table at the end, and how many passed and failed. */
export function formatRows(rows: readonly Row[]): string {
  const width = Math.max('SCENARIO'.length, ...rows.map(({ name }) => name.length));
  const lines = rows.map(({ name, version, seconds, result, reason }) => {
    const text = reason === undefined ? result : `${result}: ${reason.trim().split('\n')[0]?.slice(0, REASON_WIDTH)}`;
    return `${name.padEnd(width)}  ${version.padEnd(8)}  ${seconds.toFixed(1).padStart(7)}  ${text}`;
  });
  const count = (wanted: Row['result']): number => rows.filter(({ result }) => result === wanted).length;
  const skipped = count('skipped') > 0 ? [`${count('skipped')} skipped`] : [];
  return [
    `${'SCENARIO'.padEnd(width)}  VERSION   SECONDS  RESULT`,
    ...lines,
    '',
    ...skipped,
    `${count('passed')} passed, ${count('failed')} failed`,
  ].join('\n');
}
