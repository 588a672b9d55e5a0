import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Problems } from '../../src/core/diagnostic.ts';
import { loadInventory } from '../../src/inventory/load.ts';
import { directoryOf, hostsOf, load, loaded, shown, varsOf } from './support/inventories.ts';

/** Loads what stands in a directory made beforehand. */
function loadIn(directory: string, source: string) {
  const problems = new Problems();
  const inventory = loadInventory([join(directory, source)], problems);
  return { inventory, problems: problems.all.map((problem) => shown(problem).replaceAll(`${directory}/`, '')) };
}

describe('a directory of inventories', () => {
  test('is read in order of name, without what Ansible ignores', () => {
    const files = {
      'd/20-b.yml': 'g: {hosts: {m2: }}\n',
      'd/10-a': '[g]\nm1\n',
      'd/sub/hosts.yaml': 'g: {hosts: {m3: }}\n',
      'd/sub/group_vars/g.yml': 'ignored: as in Ansible\n',
      'd/group_vars/g.yml': 'x: 1\n',
      'd/host_vars/m1.yml': 'y: 1\n',
      ...Object.fromEntries(
        [
          'a.orig',
          'a.ini',
          'a.cfg',
          'a.retry',
          'a.pyc',
          'a~',
          'a.bak',
          'a.swp',
          'a.md',
          'a.txt',
          'a.rst',
          '.hidden',
        ].map((name) => [`d/${name}`, '[broken\n']),
      ),
    };
    const inventory = loaded(files, ['d']);
    expect(hostsOf(inventory, 'g')).toEqual(['m1', 'm2', 'm3']);
    expect(varsOf(inventory, 'm1')).toEqual({ x: 1, y: 1 });
  });

  test('must hold an inventory', () => {
    expect(load({ 'd/hosts.ini': 'm1\n', 'd/group_vars/all.yml': 'x: 1\n' }, ['d']).problems).toEqual([
      'error: the directory d contains no inventory (in a directory, files ending in .ini .cfg .txt .md .bak .orig .retry .kplan ~ and group_vars are ignored)',
    ]);
  });

  test('may hold links that lead back to it', () => {
    const directory = directoryOf({ 'd/hosts': 'm1\n' });
    symlinkSync('.', join(directory, 'd/loop'));
    expect(loadIn(directory, 'd').problems).toEqual([]);
  });

  test('of a dead link alone is not said to contain nothing as well', () => {
    const directory = directoryOf({ 'd/x.md': '' });
    symlinkSync('nowhere', join(directory, 'd/dead'));
    expect(loadIn(directory, 'd').problems).toEqual([expect.stringMatching(/^error: cannot read d\/dead: /)]);
  });

  test('with a dead link says so', () => {
    const directory = directoryOf({ 'd/hosts': 'm1\n' });
    symlinkSync('nowhere', join(directory, 'd/dead'));
    expect(loadIn(directory, 'd').problems).toEqual([
      'error: cannot read d/dead: there is no such file (remove it, or make it readable)',
    ]);
  });
});

describe('a list of hosts', () => {
  test('is what holds a comma and is no file', () => {
    const inventory = loaded({}, ['m1, 10.0.0.2:2222,[fd00::3]:22,,']);
    expect(hostsOf(inventory, 'ungrouped')).toEqual(['m1', '10.0.0.2', 'fd00::3']);
    expect(varsOf(inventory, '10.0.0.2')).toEqual({ ansible_port: 2222 });
  });

  test('has places too', () => {
    expect(load({}, ['m1,-x']).problems).toEqual([
      "error at --inventory:1:4: '-x' cannot be the name of a host: it begins with - (write a name or an address, optionally with :port)",
    ]);
  });
});

describe('what is wrong with a host of a list', () => {
  test.each(['-oProxyCommand=x', 'm1=x', '[m1'])('has no hint about files: %s', (host) => {
    const [problem = ''] = load({}, [`${host},m2`]).problems;
    expect(problem).toContain('error at ');
    expect(problem).not.toContain('section');
  });
});

describe('a file without extension', () => {
  test.each([
    ['all: {hosts: {m1: }}\n', 'YAML'],
    ['# a comment\nall:\n  hosts:\n    m1:\n', 'YAML'],
    ['m1\n', 'INI'],
    ['[g]\nm1 x=1\n', 'INI'],
  ])('%j is read as Ansible reads it', (text) => {
    expect(hostsOf(loaded({ hosts: text }), 'all')).toEqual(['m1']);
  });

  test('that is broken YAML is reported as YAML', () => {
    expect(load({ hosts: 'all:\n  hosts: [\n' }).problems).toEqual([
      expect.stringMatching(/^error at hosts:2:10: this \[ is not closed/),
    ]);
  });
});

describe('a file that cannot be used', () => {
  test.each([
    [
      'h.yml',
      '[masters]\nm1\n',
      'error at h.yml:1:1: this is INI in a file with a YAML extension (give the file a name that ends in .ini, or no extension)',
    ],
    [
      'h.ini',
      'all:\n  hosts:\n',
      'error at h.ini:1:1: this is YAML in a file with an INI extension (give the file a name that ends in .yml)',
    ],
    [
      'h.ini',
      '---\nall: {}\n',
      'error at h.ini:1:1: this is YAML in a file with an INI extension (give the file a name that ends in .yml)',
    ],
    [
      'h',
      '#!/bin/sh\n',
      'error at h:1:1: inventory scripts are not supported (run it and use its output as the inventory, or that of Ansible, in a file for you alone, since it has the values of vaults in clear text: (umask 077; ansible-inventory -i FILE --list --export --yaml >COPY))',
    ],
    ['h.toml', '[g]\n', 'error at h.toml:1:1: inventories in TOML are not supported (write it in YAML or INI)'],
    [
      'h',
      '$ANSIBLE_VAULT;1.1;AES256\n33\n',
      'error at h:1:1: vault-encrypted files are not supported (keep it out of the inventory, and give a decrypted copy that is in no repository (ansible-vault decrypt --output COPY FILE) with -e @COPY if all hosts have its values, else as an inventory (-i), or in group_vars or host_vars of one)',
    ],
    [
      'h',
      Buffer.from('m1\n\x00\x01'),
      'error: h is not a text file: byte 3 is 0x00 (name a text file: inventory files are read as UTF-8)',
    ],
    ['h', Buffer.from('m1\nm2 x=\xff\n', 'latin1'), 'error at h:2:6: h is not UTF-8 (save it as UTF-8)'],
    [
      'h',
      Buffer.from('\ufeffm1\n', 'utf16le'),
      'error: h is not a text file: byte 3 is 0x00 (name a text file: inventory files are read as UTF-8)',
    ],
  ])('%s: %j', (name, content, problem) => {
    expect(load({ [name]: content }).problems).toEqual([problem]);
  });

  test('because it is too large is not read', () => {
    const directory = directoryOf({ h: '' });
    truncateSync(join(directory, 'h'), 2 ** 40);
    expect(loadIn(directory, 'h').problems).toEqual([
      'error: h is too large (no inventory is larger than 5 MB: name another file, or split it)',
    ]);
  });

  test('because its end does not come is given up', () => {
    const problems = new Problems();
    expect(loadInventory(['/dev/zero'], problems)).toBeUndefined();
    expect(problems.all.map(shown)).toEqual([
      'error: /dev/zero is too large (no inventory is larger than 5 MB: name another file, or split it)',
    ]);
  });

  test('because it is not there, or a part of its path is not a directory', () => {
    const directory = directoryOf({ h: 'm1\n' });
    expect(loadIn(directory, 'x.yml').problems).toEqual([
      'error: cannot read the inventory x.yml: there is no such file (check the path)',
    ]);
    expect(loadIn(directory, 'h/x').problems).toEqual([
      'error: cannot read the inventory h/x: a part of the path is not a directory (check the path)',
    ]);
  });

  test('and may have been meant as a host', () => {
    const problems = new Problems();
    loadInventory(['no-such-host'], problems);
    expect(problems.all.map(shown)).toEqual([
      'error: cannot read the inventory no-such-host: there is no such file (if it is a host, not a file, add a comma: -i no-such-host,)',
    ]);
  });

  test('or is still to be written', () => {
    const problems = new Problems();
    loadInventory(['no-such.yml'], problems);
    expect(problems.all.map(shown)).toEqual([
      'error: cannot read the inventory no-such.yml: there is no such file (change to its directory, or write one: kplay init no-such.yml)',
    ]);
  });

  test.skipIf(process.getuid?.() === 0)('because of its mode', () => {
    const directory = directoryOf({ h: 'm1\n' });
    chmodSync(join(directory, 'h'), 0);
    expect(loadIn(directory, 'h').problems).toEqual([
      'error: cannot read the inventory h: permission denied (check the path and its mode)',
    ]);
  });

  test('because group_vars is not a directory, which is only pointed out', () => {
    expect(load({ h: 'm1\n', group_vars: '' }).problems).toEqual([
      'warning: group_vars is not a directory and is ignored (write group_vars/NAME.yml)',
    ]);
  });

  test.each([
    ['group_vars', 'real'],
    ['group_vars', 'group_vars'],
    ['host_vars', 'real'],
  ])('because %s is a link that leads nowhere, to %s: windows and addresses may be behind it', (name, target) => {
    const directory = directoryOf({ h: 'm1\n' });
    symlinkSync(target, join(directory, name));
    expect(loadIn(directory, 'h').problems).toEqual([
      expect.stringMatching(`^error: cannot read the directory ${name}: .*where it leads`),
    ]);
  });

  test.each([
    ['real', 'there is no such file'],
    ['h.yml', 'too many levels of symbolic links'],
  ])('because the inventory itself is such a link, to %s', (target, why) => {
    const directory = directoryOf({});
    symlinkSync(target, join(directory, 'h.yml'));
    expect(loadIn(directory, 'h.yml').problems).toEqual([
      `error: cannot read the inventory h.yml: ${why} (it is a link that leads nowhere)`,
    ]);
  });

  test('does not keep the others from being read: all problems come at once', () => {
    const { inventory, problems } = load({ a: '[x\n', b: 'm1 y\n' }, ['a', 'missing/c', 'b']);
    expect(inventory).toBeUndefined();
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['error at a', 'error', 'error at b']);
  });
});

describe('an inventory', () => {
  test('of no source has only localhost to name', () => {
    const inventory = loaded({}, []);
    expect([...inventory.groups.keys()]).toEqual(['all', 'ungrouped']);
    expect(inventory.hosts.size).toBe(0);
  });

  test('tells where a host was named first', () => {
    const directory = directoryOf({});
    mkdirSync(join(directory, 'd'));
    writeFileSync(join(directory, 'd/h'), 'm1\n');
    const vars = loadIn(directory, 'd').inventory?.hosts.get('m1')?.vars;
    expect(vars?.get('inventory_dir')?.value).toBe(join(directory, 'd'));
    expect(vars?.get('inventory_file')?.value).toBe(join(directory, 'd/h'));
  });

  test('of 2000 hosts is complete', () => {
    const host = (cluster: number, index: number) =>
      `        c${cluster}-m${index}: {ansible_host: 10.${cluster}.0.${index}, rack: r${index % 7}}\n`;
    const cluster = (number: number) =>
      `    c${number}:\n      vars: {kplay_cluster: {name: c${number}}}\n      hosts:\n${Array.from({ length: 100 }, (_, index) => host(number, index)).join('')}`;
    const inventory = loaded({
      'h.yml': `all:\n  children:\n${Array.from({ length: 20 }, (_, number) => cluster(number)).join('')}`,
    });
    expect(inventory.hosts.size).toBe(2000);
    expect(varsOf(inventory, 'c19-m99')).toEqual({
      kplay_cluster: { name: 'c19' },
      ansible_host: '10.19.0.99',
      rack: 'r1',
    });
  });
});
