import { type Command, Option } from 'commander';
import type { Environment } from '../environment.ts';
import { addWorkerHostOptions } from '../options/host-options.ts';
import { increase } from '../options/option-values.ts';
import { addColorOption, addStateOption, clustersOption, engineOption } from '../options/options.ts';
import { command } from '../options/subcommand.ts';

/** The command that works for rollouts on a Temporal server. */
export function addWorkerCommands(program: Command, environment: Environment, finish: (code: number) => void): void {
  addColorOption(
    addStateOption(
      addWorkerHostOptions(
        command(program, 'worker <playbook...>', 'carry out these playbooks on clusters for rollouts with --engine'),
      ),
    ),
  )
    .addOption(engineOption('the Temporal server').makeOptionMandatory())
    .addOption(new Option('--site <name>', 'work on the clusters of this site; default: those without a site'))
    .option('--rollout <file>', 'rollout with checks for playbooks that have none, the same file as for kplay run')
    .addOption(clustersOption())
    .addOption(
      new Option('-v, --verbose', 'results of each task on each host; -vv all events')
        .argParser(increase)
        .default(0, 'off'),
    )
    .addOption(new Option('--local-time', 'times in the local zone instead of UTC'))
    .action(async (playbooks, options) =>
      finish(await (await import('../temporal/worker.ts')).worker(playbooks, options, environment)),
    );
}
