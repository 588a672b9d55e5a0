import { type Command, Option } from 'commander';
import { DOCUMENTS } from '../../report/text/document-text.ts';
import type { Environment } from '../environment.ts';
import { addCheckHostOptions, addInventorySources } from '../options/host-options.ts';
import { positive } from '../options/option-values.ts';
import { addStateOption } from '../options/options.ts';
import { replacePreset } from '../options/preset-options.ts';
import { command } from '../options/subcommand.ts';
import { addTableOptions } from '../options/table-options.ts';

/** Commands about an inventory that change no host. */
export function addInventoryCommands(program: Command, environment: Environment, finish: (code: number) => void): void {
  addTableOptions(
    addStateOption(
      addInventorySources(command(program, 'windows', 'show when each cluster of an inventory may be changed')),
    ),
    ['cluster', 'now'],
  )
    .addOption(new Option('--next <number>', 'how many windows to show of each cluster').argParser(positive).default(5))
    .addOption(new Option('-o, --output <kind>', 'how to show it').choices(['table', ...DOCUMENTS]).default('table'))
    .addOption(new Option('--no-color', 'no colour (also: NO_COLOR=1)'))
    .action(async (options) => finish(await (await import('../commands/windows.ts')).windows(options, environment)));

  const init = command(program, 'init [file]', 'write an inventory (default: inventory.yml), and check its hosts')
    .option('--masters <hosts>', 'names or addresses, separated by commas; with --ssh-config: its hosts, or globs')
    .option('--workers <hosts>', 'the same for workers')
    .option('--ssh-config <file>', 'take hosts and connection settings from an ssh_config')
    .addOption(
      new Option(
        '--kubeconfig <file>',
        'take the address of the API server from a kubeconfig (not set by KPLAY_KUBECONFIG, which is for kplay check)',
      ).conflicts(['sshConfig', 'masters', 'workers']),
    )
    .option('--context <name>', 'context of the kubeconfig (default: its current one)')
    .option('--cluster <name>', 'name of the cluster')
    .option('-u, --user <name>', 'set this login user for all hosts')
    .option('--private-key <file>', 'set this login key for all hosts')
    .option('-b, --become', 'set become for all hosts')
    .option('--force', 'replace an existing file')
    .option('--no-look', 'only write the file, and contact no host');
  addCheckHostOptions(init, 'look')
    .option('--no-color', 'no colour (also: NO_COLOR=1)')
    .action(async (file = 'inventory.yml', options) =>
      finish(await (await import('../commands/init.ts')).init(file, options, environment)),
    );

  addInventorySources(command(program, 'inventory', 'print the inventory as ansible-inventory does'))
    .option('--list', 'everything as JSON, in the format of inventory scripts')
    .addOption(new Option('--graph', 'groups and hosts as a tree').conflicts(['list', 'host']))
    .addOption(new Option('--host <name>', 'the variables of one host as JSON').conflicts('list'))
    .addOption(new Option('-y, --yaml', '--list and --host as YAML').conflicts('graph'))
    .option('--vars', 'with --graph: variables, too')
    .option('--no-color', 'no colour (also: NO_COLOR=1)')
    .hook('preAction', (own) => {
      // For trees.
      if (!own.getOptionValue('graph')) replacePreset(own, 'vars', undefined);
    })
    .action(async (options) => finish((await import('../commands/inventory.ts')).inventory(options, environment)));
}
