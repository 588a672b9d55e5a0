import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandSurroundings, Controller, type Ended } from './controller.ts';

/** Clusters of one host each, which is this machine with a root directory of its own, and a play that makes a file on each. */
export class MarkedFleet {
  readonly controller = new Controller();

  /** @param clusters by name, with what kplay_cluster holds besides. */
  fleet(clusters: Readonly<Record<string, string>>): string {
    const groups = Object.entries(clusters).map(([name, says]) => {
      const root = this.at(name);
      mkdirSync(join(root, 'tmp'), { recursive: true });
      const vars = `ansible_connection: local, kplay_rootfs: ${JSON.stringify(root)}`;
      return `${name}:\n  vars:\n    kplay_cluster: { name: ${name}${says === '' ? '' : `, ${says}`} }\n  hosts:\n    ${name}-m1: { ${vars} }\n`;
    });
    return this.controller.file('fleet.yml', groups.join(''));
  }

  /** Makes a file on each host, and fails on those that are named. @param more tasks, as lines of YAML. */
  play(rollout: string, fails: readonly string[] = [], more: readonly string[] = []): string {
    const text = [
      '- name: Mark',
      '  hosts: all',
      ...(rollout === '' ? [] : [`  rollout: ${rollout}`]),
      '  tasks:',
      '    - copy: { content: x, dest: /tmp/mark }',
      `    - command: "false"\n      when: inventory_hostname in ${JSON.stringify(fails.map((name) => `${name}-m1`))}`,
      ...more.map((line) => `    ${line}`),
    ];
    return this.controller.file('play.yml', `${text.join('\n')}\n`);
  }

  /** Those of the clusters that have the file. */
  marked(...names: readonly string[]): readonly string[] {
    return names.filter((name) => existsSync(this.at(`${name}/tmp/mark`)));
  }

  run(words: readonly string[], surroundings: CommandSurroundings = {}): Promise<Ended> {
    return this.controller.run(['run', this.at('play.yml'), '-i', this.at('fleet.yml'), ...words], surroundings);
  }

  at(path: string): string {
    return join(this.controller.directory, path);
  }

  close(): void {
    this.controller.close();
  }
}
