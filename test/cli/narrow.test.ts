import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RUN_ID } from '../../src/core/run-id.ts';
import { displayWidth } from '../../src/report/text/width.ts';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { Site } from './support/site.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const PLAY = '- hosts: all\n  tasks: [{ certs.backup: {} }]\n';
const CLUSTER = `all:
  hosts: { master-of-the-cluster: { ansible_connection: local } }
  vars: { kplay_cluster: { name: production-europe, window: "Tue 01:00-01:40 Europe/Berlin" } }
`;

const RUN = new RegExp(`^ *${RUN_ID}$`);

let site: Site;
let fleet: Fleet;
let play: string;
let cluster: string;
beforeAll(async () => {
  site = await Site.open();
  fleet = await site.fleet({ masters: 2, stateOf: () => ({ all: { condition: 'expired' } }) });
  play = site.controller.file('a-playbook-with-a-long-name-that-nobody-can-shorten.yml', PLAY);
  cluster = site.controller.file('cluster.yml', CLUSTER);
  const { exitCode, stderr } = await site.controller.run(['run', play, '-i', fleet.inventoryFile]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});
afterAll(() => site.close());

type Commands = readonly (readonly [name: string, argv: () => readonly string[]])[];

const TABLES: Commands = [
  ['check', () => ['check', '-i', fleet.inventoryFile]],
  ['doctor', () => ['doctor', '-i', fleet.inventoryFile]],
  ['doctor, of a host that is not there', () => ['doctor', '-i', '127.0.0.1:1,', '--timeout', '1']],
  ['windows', () => ['windows', '-i', cluster]],
  ['history', () => ['history']],
  ['rollback --list', () => ['rollback', '--list', '-i', fleet.inventoryFile]],
  ['steps', () => ['steps']],
  ['explain', () => ['explain']],
];

const OTHERS: Commands = [
  ['show', () => ['show', 'last']],
  ['--help', () => ['--help']],
  ['init --help', () => ['init', '--help']],
  ['doc', () => ['doc', 'certs.regenerate']],
  ['explain CODE', () => ['explain', 'host-changed']],
];

it('a message about the command line is wrapped at words in a terminal of 40 columns', async () => {
  const { stderr } = await site.controller.run(['plan'], { types: [], columns: 40 });
  expect(stripVTControlCharacters(stderr).replaceAll('\r', '')).toBe(`error: missing required argument
'playbook'
(renew-certs.yml, which ships with
kplay, renews certificates)
(see kplay plan --help)
`);
});

describe.each([
  [60, [...TABLES, ...OTHERS]],
  // Below that, examples and counters stay as they are.
  [20, TABLES],
])('a terminal of %i columns', (columns, commands) => {
  it.each(commands)('has room for %s', async (_name, argv) => {
    const { exitCode, stdout, stderr } = await site.controller.run(argv(), { types: [], columns });
    const lines = stripVTControlCharacters(`${stdout}\n${stderr}`).split('\n');
    // Commands and ids of runs are copied: they stay in one piece.
    const isCopied = (line: string) => line.startsWith('Next:') || RUN.test(line);
    const wide = lines.filter((line) => displayWidth(line) > columns && !isCopied(line));
    expect(wide).toEqual([]);
    expect({ lines: lines.length > 2, exitCode }).toEqual({
      lines: true,
      exitCode: argv().includes('127.0.0.1:1,') ? 4 : 0,
    });
  });
});
