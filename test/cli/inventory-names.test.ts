import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';

let controller: Controller;
let inventory: string;
beforeEach(() => {
  controller = new Controller();
  inventory = controller.file('hosts.ini', '[masters]\nm1\n');
});
afterEach(() => controller.close());

const offered = async (source = inventory): Promise<readonly string[]> => {
  const { stdout } = await controller.run(['__complete', 'check', '-i', source, '-l', 'm']);
  return stdout.trim().split('\n');
};
const cache = () => join(controller.home, '.cache/kplay/completion');

describe('the names of an inventory that are completed', () => {
  it('are kept, until a file of it changes', async () => {
    expect(await offered()).toEqual(['masters', 'm1']);
    const [name = ''] = readdirSync(cache());
    const file = join(cache(), name);
    const kept = JSON.parse(controller.read(`home/.cache/kplay/completion/${name}`));
    writeFileSync(file, JSON.stringify({ ...kept, hosts: ['m-kept'] }));
    expect(await offered()).toEqual(['masters', 'm-kept']);
    controller.file('hosts.ini', '[masters]\nm1\nm2\n');
    expect(await offered()).toEqual(['masters', 'm1', 'm2']);
  });

  it('follow the clusters that are declared in group_vars', async () => {
    const clusters = async () =>
      (await controller.run(['__complete', 'check', '-i', inventory, '-l', 'cluster:'])).stdout.trim();
    for (const name of ['one', 'two', 'three-and-more']) {
      controller.file('group_vars/masters/cluster.yml', `kplay_cluster: { name: ${name} }\n`);
      expect(await clusters()).toBe(`cluster:${name}`);
    }
    rmSync(join(controller.directory, 'group_vars'), { recursive: true });
    expect(await clusters()).not.toContain('three');
  });

  it('are kept in the home directory where XDG_CACHE_HOME is no absolute path', async () => {
    const argv = ['__complete', 'check', '-i', inventory, '-l', 'm'];
    await controller.run(argv, { variables: { XDG_CACHE_HOME: 'elsewhere' } });
    expect(readdirSync(cache())).toHaveLength(1);
  });

  it('are written whatever killed processes have left, which is removed after an hour', async () => {
    await offered();
    const [name = ''] = readdirSync(cache());
    const file = join(cache(), name);
    // A process with the id of this one, in another container.
    mkdirSync(`${file}.${process.pid}`);
    writeFileSync(`${file}.new-0123456789ab`, '{');
    const longAgo = Date.now() / 1_000 - 3_700;
    utimesSync(`${file}.new-0123456789ab`, longAgo, longAgo);
    controller.file('hosts.ini', '[masters]\nm1\nm2\n');
    await offered();
    expect(JSON.parse(readFileSync(file, 'utf8')).hosts).toEqual(['m1', 'm2']);
    expect(readdirSync(cache()).sort()).toEqual([name, `${name}.${process.pid}`].sort());
  });

  it('follow the files of a directory', async () => {
    controller.file('all/one', 'm1\n');
    const directory = join(controller.directory, 'all');
    expect(await offered(directory)).toEqual(['m1']);
    controller.file('all/two', 'm2\n');
    expect(await offered(directory)).toEqual(['m1', 'm2']);
  });

  it('are read again where the cache is of no use', async () => {
    await offered();
    const [name = ''] = readdirSync(cache());
    writeFileSync(join(cache(), name), '{');
    expect(await offered()).toEqual(['masters', 'm1']);
    rmSync(join(controller.home, '.cache'), { recursive: true });
    writeFileSync(join(controller.home, '.cache'), 'no directory');
    expect(await offered()).toEqual(['masters', 'm1']);
  });

  it('of hosts on the command line are kept nowhere', async () => {
    expect(await offered('m1,m2,')).toEqual(['m1', 'm2']);
    expect(readdirSync(controller.home)).not.toContain('.cache');
  });
});
