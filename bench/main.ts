// Measures kplay against the floor on real sshds: npm run bench -- [--sizes 10,100] [--repeat 3]
import { availableParallelism } from 'node:os';
import { build } from 'esbuild';
import { $ } from 'zx';
import { BenchFleet } from './fleet.ts';
import { type Cost, costOf, least } from './measure.ts';
import { readWords } from './words.ts';

const FLOOR = 'node_modules/.cache/kplay/bench-floor.mjs';
/** `b again` finds everything renewed. */
const JOBS = ['a', 'b', 'b again'] as const;
type Job = (typeof JOBS)[number];
/** A start is short: what disturbs it shows more than in a job. */
const START_TURNS = 10;

/** Who takes turns: the floor, kplay, and kplay with the same hosts in clusters of five. */
const RUNNERS = ['floor', 'kplay', 'clusters'] as const;
type Runner = (typeof RUNNERS)[number];

interface Row extends Readonly<Record<Runner, Cost>> {
  readonly size: number;
  readonly job: Job;
}

const { sizes, repeat, kplay: program } = readWords(process.argv.slice(2), { sizes: '10,100', repeat: '3' });
const turns = Math.max(...repeat);
if (process.getuid?.() !== 0) throw new Error('the hosts of the bench are sshds that run as root: run it as root');

await build({
  entryPoints: ['bench/floor.ts'],
  bundle: true,
  outfile: FLOOR,
  format: 'esm',
  platform: 'node',
  packages: 'external',
});
await showMachine();
await showStart();
const rows: Row[] = [];
for (const size of sizes) rows.push(...(await measureFleet(size)));
showSlopes(rows);

async function showMachine(): Promise<void> {
  const { stderr } = await $({ quiet: true })`ssh -V`;
  const { stdout } = await $({ quiet: true })`openssl version`;
  const versions = [`node ${process.version}`, stderr.trim(), stdout.trim()].join(', ');
  console.log(`${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, ${versions}\n`);
}

async function showStart(): Promise<void> {
  const fleet = await BenchFleet.start(1);
  const empty: Cost[] = [];
  const version: Cost[] = [];
  try {
    for (let turn = 0; turn < START_TURNS; turn += 1) {
      empty.push(await costOf(['-e', '0'], fleet.directory));
      version.push(await costOf([program, '--version'], fleet.directory));
    }
  } finally {
    await fleet.stop();
  }
  const [node, kplay] = [least(empty).wallMs, least(version).wallMs];
  console.log(
    `node -e 0 ${node.toFixed(0)} ms, kplay --version ${kplay.toFixed(0)} ms: ${(kplay / node).toFixed(2)}\n`,
  );
}

/** Floor and kplay take turns: what disturbs one disturbs the other as well. */
async function measureFleet(size: number): Promise<readonly Row[]> {
  const fleet = await BenchFleet.start(size);
  const costs = new Map(JOBS.map((job) => [job, { floor: [] as Cost[], kplay: [] as Cost[], clusters: [] as Cost[] }]));
  try {
    for (let turn = 0; turn < turns; turn += 1) {
      for (const who of RUNNERS) {
        fleet.reset();
        for (const job of JOBS) {
          costs.get(job)?.[who].push(await costOf(command(who, job, fleet), fleet.directory));
          if (fleet.backups !== (job === 'a' ? 0 : size)) throw new Error(`${who} has not done job ${job}`);
        }
      }
    }
  } finally {
    await fleet.stop();
  }
  const rows = [...costs].map(([job, { floor, kplay, clusters }]) => ({
    size,
    job,
    floor: least(floor),
    kplay: least(kplay),
    clusters: least(clusters),
  }));
  console.log(
    'hosts  job      floor s  kplay s  ratio  clusters s  ratio  floor CPU s  kplay CPU s  clusters CPU s   MB   MB',
  );
  for (const row of rows) console.log(lineOf(row));
  console.log('');
  return rows;
}

function command(who: Runner, job: Job, fleet: BenchFleet): readonly string[] {
  const letter = job.slice(0, 1);
  if (who === 'floor') return [FLOOR, letter, fleet.directory];
  const inventory = fleet.inventory(who === 'clusters' ? 'clusters' : 'one');
  return [program, 'run', `bench/job-${letter}.yml`, '-i', inventory];
}

function lineOf({ size, job, floor, kplay, clusters }: Row): string {
  const seconds = (ms: number): string => (ms / 1_000).toFixed(2);
  return [
    String(size).padStart(5),
    `  ${job.padEnd(7)}`,
    seconds(floor.wallMs).padStart(9),
    seconds(kplay.wallMs).padStart(9),
    (kplay.wallMs / floor.wallMs).toFixed(2).padStart(7),
    seconds(clusters.wallMs).padStart(12),
    (clusters.wallMs / kplay.wallMs).toFixed(2).padStart(7),
    seconds(floor.cpuMs).padStart(13),
    seconds(kplay.cpuMs).padStart(13),
    seconds(clusters.cpuMs).padStart(16),
    kplay.residentMb.toFixed(0).padStart(5),
    clusters.residentMb.toFixed(0).padStart(5),
  ].join('');
}

/** What each further host costs the controller: the start, which every run pays once, falls out. */
function showSlopes(rows: readonly Row[]): void {
  const [small, large] = [Math.min(...sizes), Math.max(...sizes)];
  if (small === large) return;
  for (const job of JOBS) {
    const of = (size: number): Row | undefined => rows.find((row) => row.size === size && row.job === job);
    const slope = (who: 'floor' | 'kplay'): string =>
      (((of(large)?.[who].cpuMs ?? 0) - (of(small)?.[who].cpuMs ?? 0)) / (large - small)).toFixed(1);
    console.log(`job ${job}: controller CPU for each host: floor ${slope('floor')} ms, kplay ${slope('kplay')} ms`);
  }
}
