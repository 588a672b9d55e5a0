// The scenarios on real clusters: node scripts/run-ts.mjs test/lab/scenarios/main.ts [--all] [--only TEXT] [--kube VERSION]
// --keep leaves the clusters up, --reuse goes on with what was kept, --stress keeps all processors busy meanwhile
import { absentMaster } from './absent-master.ts';
import { externalCa } from './external-ca.ts';
import { faults } from './faults.ts';
import { highlyAvailable } from './highly-available.ts';
import { impostors } from './impostors.ts';
import { kinds } from './kinds.ts';
import { lab } from './lab.ts';
import { oddKubelets } from './odd-kubelets.ts';
import { rollouts } from './rollouts.ts';
import type { Scenario } from './scenario.ts';
import { singleMaster } from './single-master.ts';
import { speed } from './speed.ts';
import { startStress } from './stress.ts';
import { chosenOf, formatRows, runScenarios } from './suite.ts';
import { twoClusters } from './two-clusters.ts';
import { versions } from './versions.ts';
import { virtualAddress } from './virtual-address.ts';
import { windows } from './windows.ts';
import { workers } from './workers.ts';

const DEFAULT_VERSION = process.env['KPLAY_LAB_KUBE'] ?? '1.33.13';
const SCENARIOS: readonly Scenario[] = [
  ...singleMaster,
  ...impostors,
  ...highlyAvailable,
  ...workers,
  ...absentMaster,
  ...oddKubelets,
  ...virtualAddress,
  ...speed,
  ...faults,
  ...kinds,
  ...externalCa,
  ...twoClusters,
  ...windows,
  ...rollouts,
  ...versions,
];

const words = process.argv.slice(2);
const option = (name: string): string | undefined => {
  const at = words.indexOf(name);
  return at < 0 ? undefined : words[at + 1];
};
const scenarios = chosenOf(SCENARIOS, { all: words.includes('--all'), only: option('--only') });
const stopStress = words.includes('--stress') ? startStress() : () => undefined;
const rows = await runScenarios(scenarios, lab, {
  version: option('--kube') ?? DEFAULT_VERSION,
  reuse: words.includes('--reuse'),
  keep: words.includes('--keep'),
  say: (line) => process.stdout.write(`${line}\n`),
});
stopStress();
process.stdout.write(`\n${formatRows(rows)}\n`);
if (rows.length === 0) process.stdout.write(`no scenario has '${option('--only')}' in its name\n`);
process.exitCode = rows.length === 0 || rows.some(({ result }) => result === 'failed') ? 1 : 0;
