// The scenarios on real clusters: node scripts/run-ts.mjs test/lab/scenarios/main.ts [--all] [--only TEXT] [--kube VERSION]
// --keep leaves the clusters up, --reuse goes on with what was kept
import { faults } from './faults.ts';
import { highlyAvailable } from './highly-available.ts';
import { lab } from './lab.ts';
import type { Scenario } from './scenario.ts';
import { singleMaster } from './single-master.ts';
import { speed } from './speed.ts';
import { versions } from './versions.ts';

const DEFAULT_VERSION = process.env['KPLAY_LAB_KUBE'] ?? '1.33.13';
const SCENARIOS: readonly Scenario[] = [...singleMaster, ...highlyAvailable, ...speed, ...faults, ...versions];

const words = process.argv.slice(2);
const option = (name: string): string | undefined => {
  const at = words.indexOf(name);
  return at < 0 ? undefined : words[at + 1];
};
const version = option('--kube') ?? DEFAULT_VERSION;
const only = option('--only');
const chosen = SCENARIOS.filter((scenario) =>
  only === undefined ? scenario.ci || words.includes('--all') : scenario.name.includes(only),
);
const needed = SCENARIOS.filter(
  (scenario) =>
    chosen.includes(scenario) ||
    chosen.some(({ needs }) => needs !== undefined && scenario.name.startsWith(needs) && !scenario.needs),
);

interface Row {
  readonly name: string;
  readonly version: string;
  readonly seconds: number;
  readonly error: string | undefined;
}

const rows: Row[] = [];
for (const [index, scenario] of needed.entries()) {
  process.stdout.write(`- ${scenario.name}\n`);
  const started = Date.now();
  let error: string | undefined;
  try {
    await scenario.run({ version, reuse: words.includes('--reuse') });
  } catch (thrown) {
    error = thrown instanceof Error ? thrown.message : String(thrown);
    process.stdout.write(`  FAILED ${error}\n`);
  }
  rows.push({
    name: scenario.name,
    version: scenario.version ?? version,
    seconds: (Date.now() - started) / 1000,
    error,
  });
  const isLast = needed.slice(index + 1).every(({ cluster }) => cluster !== scenario.cluster);
  if (isLast && !words.includes('--keep')) await lab.down(scenario.cluster);
}

const width = Math.max(...rows.map(({ name }) => name.length));
process.stdout.write(`\n${'SCENARIO'.padEnd(width)}  VERSION   SECONDS  RESULT\n`);
for (const { name, version: kube, seconds, error } of rows) {
  process.stdout.write(
    `${name.padEnd(width)}  ${kube.padEnd(8)}  ${seconds.toFixed(1).padStart(7)}  ${error === undefined ? 'passed' : 'failed'}\n`,
  );
}
const failed = rows.filter(({ error }) => error !== undefined).length;
process.stdout.write(`\n${rows.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
