import { realpathSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isSea } from 'node:sea';
import { quoteWord } from '../../core/shell.ts';
import { wrap } from '../../report/text/width.ts';
import type { Fleet } from '../../simulation/fleet.ts';
import { COMMANDS_NOTICE } from '../../simulation/notice.ts';
import { PROJECT_FILE } from '../defaults/project-place.ts';
import type { Environment } from '../environment.ts';
import { RENEWAL } from '../inputs/playbook-files.ts';
import { screenWidth } from '../output/output.ts';
import type { Interrupts } from '../run/interrupts.ts';

/** Not left to a kplay.yml: a KPLAY_INVENTORY of the user would count instead, and these commands would be run on its hosts. */
const THESE_HOSTS = '-i inventory.yml';

/** Commands to try on hosts with expired certificates, in this order, and what each shows. */
const TO_TRY: readonly (readonly [command: string, shows: string])[] = [
  [`kplay doctor ${THESE_HOSTS}`, 'nothing prevents a run'],
  [`kplay check ${THESE_HOSTS}`, 'every certificate has expired'],
  [`kplay plan ${RENEWAL} ${THESE_HOSTS}`, 'what would be done; writes nothing'],
  [
    `kplay run ${RENEWAL} ${THESE_HOSTS} --report html=renewal.html`,
    'does it and proves it, and writes a page about it',
  ],
  [`kplay run ${RENEWAL} ${THESE_HOSTS}`, 'again: nothing to do'],
  [`kplay check ${THESE_HOSTS}`, 'all are renewed and served, except those that kubelets sign themselves'],
  ['kplay show last', 'what is recorded of the last run'],
  ['kplay history', 'both runs'],
  [`kplay rollback ${THESE_HOSTS} --list`, 'the backups on the hosts'],
];

export interface DemoSurroundings {
  readonly environment: Environment;
  readonly say: (text: string) => void;
  /** Of the whole demo. */
  readonly interrupts: Interrupts;
}

/** The commands, each with what it shows beside it, or above it where a line would be wider than `columns`. */
export function commandsToTry(columns: number): readonly string[] {
  const width = Math.max(...TO_TRY.map(([command]) => command.length));
  const beside = TO_TRY.map(([command, shows]) => `  ${command.padEnd(width)}  # ${shows}`);
  if (beside.every((line) => line.length <= columns)) return beside;
  return TO_TRY.flatMap(([command, shows]) => [
    ...wrap(shows, columns - 4).map((line) => `  # ${line}`),
    `  ${command}`,
  ]);
}

/** Keeps the hosts running for the user to try, until a signal arrives. */
export async function keepRunning(fleet: Fleet, { environment, say, interrupts }: DemoSurroundings): Promise<void> {
  const { directory, hosts } = fleet;
  // Commands in that directory use these hosts and leave their journals there.
  writeFileSync(join(directory, PROJECT_FILE), 'inventory: inventory.yml\nstate: state\n');
  say(`${wrap(COMMANDS_NOTICE, screenWidth(environment.stdout)).join('\n')}\n`);
  const intro = hosts.length === 1 ? 'One simulated master is' : `${hosts.length} simulated masters are`;
  say(
    `${intro} up, with expired certificates. To try kplay on ${hosts.length === 1 ? 'it' : 'them'}, in another terminal:\n`,
  );
  say(`  cd ${quoteWord(directory)}`);
  const program = programWords(environment);
  if (program !== undefined) say(`  kplay() { ${program} "$@"; }`);
  for (const line of commandsToTry(screenWidth(environment.stdout))) say(line);
  say(`\nCtrl-C here ends it, and so does this there; nothing of it is left then:\n\n  kill ${process.pid}`);
  const { stop } = interrupts;
  if (!stop.aborted)
    await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
}

/** How to start this program; undefined if the shell finds it as `kplay`. */
function programWords({ variables }: Environment): string | undefined {
  const [node, script = ''] = process.argv;
  const own = isSea() ? process.execPath : script;
  const found = (variables['PATH'] ?? '').split(delimiter).find((place) => isSame(join(place, 'kplay'), own));
  if (found !== undefined) return undefined;
  return isSea() ? quoteWord(own) : `${quoteWord(node ?? 'node')} ${quoteWord(own)}`;
}

function isSame(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}
