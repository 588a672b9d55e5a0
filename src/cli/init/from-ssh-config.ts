import type { Problems } from '../../core/diagnostic.ts';
import { suggestion } from '../../core/suggest.ts';
import { readTextFile } from '../../core/text-file.ts';
import { groupNameProblem } from '../../inventory/names.ts';
import { readSshConfig, type SshConfig } from '../../transport/settings/ssh-config.ts';
import { connectionVariables } from '../../transport/settings/ssh-config-variables.ts';
import { wildcard } from '../../transport/settings/wildcard.ts';
import { type HostLists, listed, reportTwice } from './from-list.ts';
import type { FoundHost, FoundHosts } from './inventory-text.ts';

/** Reads the file; undefined if it cannot be read or names no host, which is added to `problems`. */
export function sshConfigAt(path: string, problems: Problems): SshConfig | undefined {
  const source = readTextFile(path, 'ssh_config', problems, { named: ['--ssh-config'] });
  const config = source && readSshConfig(source, problems);
  if (config?.names.length === 0) {
    problems.error(
      `${path} names no host`,
      ['--ssh-config'],
      "kplay takes the names without wildcards of its 'Host' lines",
    );
    return undefined;
  }
  return config;
}

/** The hosts in the file that match the names or globs of `lists`, each with its connection settings. */
export function hostsOfSshConfig(
  path: string,
  config: SshConfig,
  { masters, workers = '' }: HostLists,
  problems: Problems,
): FoundHosts {
  const names = config.names.map(({ value }) => value);
  const roles = new Map<string, string>();
  const read = (option: string, list: string): readonly FoundHost[] =>
    listed(option, list).flatMap((one) => {
      const matching = names.filter((name) => wildcard(one.value).test(name));
      if (matching.length === 0)
        problems.error(`${path} has no host '${one.value}'`, one.range, suggestion(one.value, names, 'it has'));
      return matching.flatMap((name) => {
        const before = roles.get(name);
        // Two globs of one role may overlap.
        if (before === option) return [];
        if (before !== undefined) reportTwice(one, name, [before, option], problems);
        roles.set(name, option);
        const why = groupNameProblem(name);
        const range = config.names.find(({ value }) => value === name)?.range;
        if (why !== undefined) {
          problems.error(
            `'${name}' cannot be the name of a host: it ${why}`,
            range,
            'use another name on its Host line',
          );
          return [];
        }
        return [{ name, vars: connectionVariables(config, name, problems) }];
      });
    });
  const found = { masters: read('--masters', masters), workers: read('--workers', workers) };
  for (const { name, vars } of [...found.masters, ...found.workers]) {
    const template = Object.values(vars).find((value) => /\{[{%#]/.test(String(value)));
    if (template === undefined) continue;
    const hint = 'an inventory would treat it as a template: write it differently';
    problems.error(`the settings for ${name} in ${path} contain ${template}`, undefined, hint);
  }
  if (listed('--masters', masters).length === 0)
    problems.error('--masters names no host', ['--masters'], suggestion('', names, `${path} has`));
  const left = names.filter((name) => !roles.has(name));
  return { ...found, remarks: left.length > 0 ? [`Not taken from ${path}: ${left.join(', ')}`] : [] };
}
