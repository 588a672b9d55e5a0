import { type Command, Option } from 'commander';
import type { Environment } from '../environment.ts';
import { addWorkerHostOptions } from '../options/host-options.ts';
import { increase, positive } from '../options/option-values.ts';
import { addColorOption, addStateOption, DEFAULT_CLUSTERS, engineOption } from '../options/options.ts';
import { command } from '../options/subcommand.ts';

/** Work for rollouts that a Temporal server keeps. */
export function addWorkerCommands(program: Command, environment: Environment, finish: (code: number) => void): void {
  addColorOption(
    addStateOption(
      addWorkerHostOptions(
        command(program, 'worker <playbook...>', 'carry out these playbooks on clusters for rollouts with --engine'),
      ),
    ),
  )
    .addOption(engineOption('the Temporal server that keeps them').makeOptionMandatory())
    .addOption(new Option('--site <name>', 'work on the clusters of this site; default: those of no site'))
    .option(
      '--rollout <file>',
      'whose checks are asked for playbooks without a rollout of their own, as kplay run has it',
    )
    .addOption(
      new Option('--clusters <number>', 'clusters at the same time; their hosts share --forks')
        .argParser(positive)
        .default(DEFAULT_CLUSTERS),
    )
    .addOption(
      new Option('-v, --verbose', 'how each task ends on each host; -vv everything that happens')
        .argParser(increase)
        .default(0, 'off'),
    )
    .addOption(new Option('--local-time', 'times in the local zone instead of UTC'))
    .action(async (playbooks, options) =>
      finish(await (await import('../temporal/worker.ts')).worker(playbooks, options, environment)),
    );
}
