// A rollout over six simulated clusters that is killed on the way, goes on, and comes to its end: npm run demo:fleet
//   node scripts/run-ts.mjs scripts/demo-fleet.ts [PROGRAM [TOOLS]]    kplay, and the programs of the simulated hosts; default: those of dist
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';
import { handleInterrupts } from '../src/cli/run/interrupts.ts';
import { type Fleet, startFleet } from '../src/simulation/fleet.ts';
import { SIMULATION_NOTICE } from '../src/simulation/notice.ts';

const [program = 'dist/kplay.js'] = process.argv.slice(2);
const PROGRAM = resolve(program);
const PLAYBOOK = 'renew.yml';
const INVENTORY = 'fleet';
const FAILING = 'prod-ap';
const LATER = 'prod-sa';
const WAVES: Readonly<Record<string, string>> = {
  dev: 'canary',
  staging: 'canary',
  'prod-eu': 'rest',
  'prod-us': 'rest',
  [FAILING]: 'rest',
  [LATER]: 'rest',
};

/** The tasks of the playbook that ships, and one that fails where this says so. */
const playbook = (checks: string) => `- name: Renew the certificates of the fleet
  hosts: all
  strategy: control_plane
  vars: { method: native }
  rollout:
    waves:
      - { name: canary, max_failed: 0 }
      - { name: rest, max_failed: 1 }
  tasks:
    - { name: Check all certificates, certs.check: {} }
    - { name: Back up what will change, certs.backup: { to: /var/backups/kplay, keep: 5 } }
    - { name: Move due leaf certificates aside, certs.delete: {} }
    - { name: Regenerate certificates, certs.regenerate: {} }
    - { name: Update kubeconfigs, kubeconfig.regenerate: {} }
    - { name: Restart the control plane, control_plane.restart: {} }
    - { name: Verify the cluster, cluster.verify: { timeout: 5m } }
    - name: Ask the application whether it still works
      command: test "{{ inventory_hostname }}" ${checks}
      changed_when: false
`;

const say = (text = ''): void => void process.stdout.write(`${text}\n`);
// Before there is anything to remove.
const interrupts = handleInterrupts(() => undefined);
const directory = mkdtempSync(join(tmpdir(), 'kplay-demo-'));

/** `window`: of the cluster that is not to be changed before next week. */
function writeInventory(fleets: ReadonlyMap<string, Fleet>, window: string): void {
  mkdirSync(join(directory, INVENTORY), { recursive: true });
  for (const [name, { inventory }] of fleets) {
    const says = stringify({ wave: WAVES[name], ...(name === LATER && { window }) }, { lineWidth: 0 }).trim();
    const text = inventory.replace(
      /^( +)name: [\w-]+\n/m,
      (line, indent: string) => `${line}${says.replace(/^/gm, indent)}\n`,
    );
    writeFileSync(join(directory, INVENTORY, `${name}.yml`), text);
  }
}

/** Without the user's defaults of options: with a KPLAY_STATE, `last` would be a run of the user. */
const OWN_VARIABLES = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(?:KPLAY|ANSIBLE)_/.test(name)),
);

interface Expected {
  /** With which code it ends. */
  readonly code: number;
  /** Once it says this it is killed. */
  readonly killAt?: RegExp;
}

/** Runs kplay as a process of its own and shows what it says. @throws {Error} when it ends otherwise than it should */
async function kplay(command: string, { code, killAt }: Expected): Promise<void> {
  interrupts.stop.throwIfAborted();
  say(`\n$ kplay ${command}`);
  const child = spawn(process.execPath, [PROGRAM, ...command.split(' ')], {
    cwd: directory,
    env: { ...OWN_VARIABLES, HOME: directory, XDG_STATE_HOME: join(directory, 'state'), NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
    // Ctrl-C would reach it as well, and be its second signal.
    detached: true,
  });
  for (const signal of [interrupts.stop, interrupts.abort])
    signal.addEventListener('abort', () => child.kill('SIGINT'), { once: true });
  const ended = new Promise<number | null>((done, fail) => child.once('error', fail).once('close', done));
  for await (const line of createInterface({ input: child.stdout })) {
    say(`  ${line}`);
    if (killAt?.test(line)) child.kill('SIGKILL');
  }
  const came = await ended;
  if (came !== (killAt ? null : code))
    throw new Error(`kplay ${command} ended with ${came ?? 'a signal'}, not ${code}`);
}

/** The day after so many, as a window has it. */
const dayAfter = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

async function demo(fleets: ReadonlyMap<string, Fleet>): Promise<void> {
  writeInventory(fleets, `${dayAfter(7)} 01:00-04:00 UTC`);
  writeFileSync(join(directory, PLAYBOOK), playbook(`!= ${FAILING}-m1`));
  const words = `${PLAYBOOK} -i ${INVENTORY}`;
  say(`Six clusters, whose certificates expire within 30 days. The first wave, canary, has two of them, the second, rest, four:
${FAILING} will fail, because its application does not work; ${LATER} may not be changed before next week.`);
  await kplay(`plan ${words}`, { code: 0 });

  say('\nThe rollout starts. In the second wave it is killed (kill -9), while certificates are being replaced.');
  await kplay(`run ${words}`, { code: 0, killAt: /cluster prod-\w+ › Move due leaf certificates aside: done/ });

  say(`\nIt was killed. What it did stands in its record. It is resumed: clusters that are done are only looked at, those that were
in progress are finished. ${FAILING} fails and gets its old certificates back; the window of ${LATER} is shut. That makes exit code 2.`);
  await kplay('resume last', { code: 2 });
  await kplay('history', { code: 0 });

  say(
    `\nThe application of ${FAILING} is mended, and ${LATER} gets a window that is open now. The same command does what is left.`,
  );
  writeInventory(fleets, 'daily 00:00-24:00 UTC');
  writeFileSync(join(directory, PLAYBOOK), playbook('!= nobody'));
  await kplay(`run ${words}`, { code: 0 });

  say('\nSix of six clusters are renewed.');
}

say(`${SIMULATION_NOTICE}\n`);
const fleets = new Map<string, Fleet>();
try {
  for (const [index, clusterName] of Object.keys(WAVES).entries()) {
    interrupts.stop.throwIfAborted();
    fleets.set(
      clusterName,
      await startFleet({
        clusterName,
        network: `10.50.${index}`,
        stateOf: () => ({ all: { condition: 'due' } }),
        runtime: {
          directory,
          clock: () => new Date(),
          platform: process.platform,
          path: process.env['PATH'] ?? '/usr/bin:/bin',
        },
      }),
    );
  }
  interrupts.stop.throwIfAborted();
  await demo(fleets);
} catch (error) {
  // A command that was ended by the same signal is no failure of the demo.
  if (!interrupts.wasInterrupted()) throw error;
} finally {
  await Promise.all([...fleets.values()].map((fleet) => fleet.close()));
  rmSync(directory, { recursive: true, force: true });
}
if (interrupts.wasInterrupted()) process.exitCode = 130;
