import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { inventorySchema } from '../../src/inventory/schema.ts';
import { hostsOf, loaded, varsOf } from './support/inventories.ts';

const validate = new Ajv2020({ strictRequired: false, allowUnionTypes: true }).compile(inventorySchema);
const EXAMPLE = readFileSync(new URL('../../inventories/example.yml', import.meta.url), 'utf8');

describe('the schema of an inventory in YAML', () => {
  test.each([
    ['the example', EXAMPLE],
    ['groups without a body', 'a:\nb: {}\n'],
    ['one name in place of a mapping', 'a: {hosts: m1, children: b}\n'],
    [
      'calendars',
      'a: {vars: {kplay_cluster: {window: {calendar: a.ics}, closed: ["2026-12-24", {calendar: b.ics, zone: UTC}]}}}\n',
    ],
    ['groups within groups', 'all: {children: {a: {children: {b: {hosts: {m1: , m2: {x: [1]}}}}}}}\n'],
  ])('accepts %s', (_, text) => {
    expect(validate(parse(text)) || validate.errors).toBe(true);
  });

  test.each([
    ['unknown keys of a group', 'all: {host: {m1: }}\n'],
    ['unknown keys of a group far down', 'all: {children: {a: {children: {b: {host: }}}}}\n'],
    ['lists of hosts', 'all: {hosts: [m1]}\n'],
    ['hosts that are words', 'all: {hosts: {m1: x}}\n'],
    ['a list of groups', '[a]\n'],
    ['a cluster that is a word', 'a: {vars: {kplay_cluster: prod}}\n'],
    ['what a cluster does not say', 'a: {vars: {kplay_cluster: {name: prod, owner: x}}}\n'],
    ['a window that is none', 'a: {vars: {kplay_cluster: {name: prod, window: always}}}\n'],
  ])('refuses %s', (_, text) => {
    expect(validate(parse(text))).toBe(false);
  });
});

describe('the example', () => {
  test('is the fleet that its comments describe', () => {
    const inventory = loaded({ 'example.yml': EXAMPLE });
    expect(inventory.hosts.get('prod-w03.prod.example.com')?.cluster).toBe('prod');
    expect(inventory.hosts.get('staging-w2.example.com')?.cluster).toBe('staging');
    expect(hostsOf(inventory, 'masters')).toEqual(['prod-m1', 'prod-m2', 'prod-m3', 'staging-m1.example.com']);
    expect(
      [...inventory.groups.values()].filter(({ vars }) => vars.has('kplay_cluster')).map(({ name }) => name),
    ).toEqual(['prod', 'staging']);
    expect(varsOf(inventory, 'prod-m1')).toMatchObject({
      ansible_host: '10.20.0.11',
      ansible_user: 'ops',
      ansible_ssh_common_args: '-o ProxyJump=ops@bastion.prod.example.com',
      kplay_cluster: { name: 'prod' },
    });
    expect(varsOf(inventory, 'staging-w1.example.com')).toMatchObject({ ansible_user: 'admin' });
    expect(varsOf(inventory, 'staging-m1.example.com')).toMatchObject({ ansible_port: 2222 });
  });
});
