import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { displayWidth } from '../../src/report/text/width.ts';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { Site } from './support/site.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const COLUMNS = 60;
const PLAY = '- hosts: all\n  tasks: [{ certs.backup: {} }]\n';
const CLUSTER = `all:
  hosts: { master-of-the-cluster: { ansible_connection: local } }
  vars: { kplay_cluster: { name: production-europe, window: "Tue 01:00-01:40 Europe/Berlin" } }
`;

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

describe(`a terminal of ${COLUMNS} columns`, () => {
  it.each<readonly [name: string, argv: () => readonly string[]]>([
    ['check', () => ['check', '-i', fleet.inventoryFile]],
    ['doctor', () => ['doctor', '-i', fleet.inventoryFile]],
    ['doctor, of a host that is not there', () => ['doctor', '-i', '127.0.0.1:1,', '--timeout', '1']],
    ['windows', () => ['windows', '-i', cluster]],
    ['history', () => ['history']],
    ['show', () => ['show', 'last']],
    ['rollback --list', () => ['rollback', '--list', '-i', fleet.inventoryFile]],
    ['--help', () => ['--help']],
    ['init --help', () => ['init', '--help']],
    ['steps', () => ['steps']],
    ['doc', () => ['doc', 'certs.regenerate']],
    ['explain', () => ['explain']],
    ['explain CODE', () => ['explain', 'host-changed']],
  ])('has room for %s', async (_name, argv) => {
    const { exitCode, stdout, stderr } = await site.controller.run(argv(), { types: [], columns: COLUMNS });
    const lines = stripVTControlCharacters(`${stdout}\n${stderr}`).split('\n');
    // A command is copied: it stays in one piece.
    const wide = lines.filter((line) => displayWidth(line) > COLUMNS && !line.startsWith('Next:'));
    expect(wide).toEqual([]);
    expect({ lines: lines.length > 2, exitCode }).toEqual({
      lines: true,
      exitCode: argv().includes('127.0.0.1:1,') ? 4 : 0,
    });
  });
});
