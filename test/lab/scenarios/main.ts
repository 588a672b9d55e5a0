// The scenarios on real clusters: node scripts/run-ts.mjs test/lab/scenarios/main.ts [--all] [--only TEXT] [--kube VERSION]
// --keep leaves the clusters up, --reuse goes on with what was kept, --stress keeps all processors busy meanwhile,
// --as-built skips what needs a version of Kubernetes that is not built yet
import { parseArgs } from 'node:util';
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

const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    only: { type: 'string' },
    kube: { type: 'string', default: process.env['KPLAY_LAB_KUBE'] ?? '1.33.13' },
    reuse: { type: 'boolean', default: false },
    'as-built': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    stress: { type: 'boolean', default: false },
  },
});
const scenarios = chosenOf(SCENARIOS, { all: values.all, only: values.only });
const stopStress = values.stress ? startStress() : () => undefined;
const rows = await runScenarios(scenarios, lab, {
  version: values.kube,
  reuse: values.reuse,
  asBuilt: values['as-built'],
  keep: values.keep,
  say: (line) => process.stdout.write(`${line}\n`),
});
stopStress();
process.stdout.write(`\n${formatRows(rows)}\n`);
if (rows.length === 0) process.stdout.write(`no scenario has '${values.only}' in its name\n`);
process.exitCode = rows.length === 0 || rows.some(({ result }) => result === 'failed') ? 1 : 0;
