// Measures what reports cost of a run over many hosts: npm run bench:reports -- [--hosts 1000] [--repeat 3]
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cost, costOf, least } from './measure.ts';
import { readWords } from './words.ts';

const given = readWords(process.argv.slice(2), { hosts: '1000', repeat: '3' });
const [hosts, repeat, kplay] = [Math.max(...given.hosts), Math.max(...given.repeat), given.kplay];

const KINDS = ['junit', 'json', 'markdown', 'html', 'gitlab'] as const;

const directory = mkdtempSync(join(tmpdir(), 'kplay-bench-'));
try {
  const ways = { without: [] as Cost[], 'with all': [] as Cost[] };
  const reports = KINDS.flatMap((kind) => ['--report', `${kind}=${join(directory, kind)}`]);
  // They take turns: what disturbs one disturbs the other as well.
  for (let turn = 0; turn < repeat; turn += 1) {
    ways.without.push(await costOf(run(turn * 2), directory));
    ways['with all'].push(await costOf([...run(turn * 2 + 1), ...reports], directory));
  }
  const [without, all] = [least(ways.without), least(ways['with all'])];
  console.log(`${hosts} hosts           seconds  CPU s    MB`);
  for (const [name, cost] of Object.entries({ 'without reports': without, 'with all': all }))
    console.log(
      `${name.padEnd(20)}${seconds(cost.wallMs)}${seconds(cost.cpuMs)}${cost.residentMb.toFixed(0).padStart(6)}`,
    );
  console.log(`ratio ${(all.wallMs / without.wallMs).toFixed(3)}`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** Each time on hosts of their own, all of which are this machine with another root directory. */
function run(turn: number): readonly string[] {
  const roots = join(directory, `turn-${turn}`);
  const names = Array.from({ length: hosts }, (_, index) => `host-${index}`);
  for (const name of names) mkdirSync(join(roots, name), { recursive: true });
  const lines = names.map((name) => `${name} kplay_rootfs=${join(roots, name)}\n`);
  const inventory = join(directory, `turn-${turn}.ini`);
  writeFileSync(inventory, `${lines.join('')}[all:vars]\nansible_connection=local\n`);
  return [kplay, 'run', 'bench/job-reports.yml', '-i', inventory];
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(2).padStart(8);
}
