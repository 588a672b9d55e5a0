import { type Command, InvalidArgumentError, Option } from 'commander';
import { DOCUMENTS } from '../../report/text/document-text.ts';
import type { Environment } from '../environment.ts';
import { LINT_RULES } from '../lint/rules.ts';
import { ENGINE_CONFLICTS, explainEngineConflicts } from '../options/engine-conflicts.ts';
import {
  addHostOptions,
  addInventorySources,
  addUncontactedHostOptions,
  CONTACT_OPTIONS,
} from '../options/host-options.ts';
import { addMetricsOptions } from '../options/metrics-options.ts';
import { collect } from '../options/option-values.ts';
import {
  addChangeOptions,
  addColorOption,
  addListOptions,
  addOutputOptions,
  addPlaybookOptions,
  addStateOption,
  addStepOption,
  addVariableOptions,
  clustersOption,
  engineOption,
  ReportOption,
  rolloutOption,
  startOption,
  workerTimeoutOption,
} from '../options/options.ts';
import { refuseAlone, replacePreset } from '../options/preset-options.ts';
import { command } from '../options/subcommand.ts';

/** Options without an effect where nothing is planned and no host contacted. */
const RUN_ONLY = ['diff', 'verbose', 'localTime', ...CONTACT_OPTIONS];

/** Commands that take a playbook, or the plan of one. */
export function addPlaybookCommands(program: Command, environment: Environment, finish: (code: number) => void): void {
  addRun(program, environment, finish);
  addPlan(program, environment, finish);
  addApply(program, environment, finish);
  addValidate(program, environment, finish);
  addLint(program, environment, finish);
}

export function addRun(program: Command, environment: Environment, finish: (code: number) => void): void {
  const engine = engineOption('let workers carry out the rollout, with a Temporal server').conflicts(
    Object.keys(ENGINE_CONFLICTS),
  );
  const run = addListOptions(
    addChangeOptions(
      addPlaybookOptions(
        addOutputOptions(addHostOptions(command(program, 'run <playbook>', 'observe, plan, show, apply, prove'))),
      ),
      ['check', 'syntaxCheck', 'listHosts', 'listTasks', 'listTags'],
      { canWait: true },
    ),
    ['check', 'syntaxCheck', 'confirm', 'step', 'metrics', 'report', 'forceHandlers', 'rollout', 'engine', ...RUN_ONLY],
  )
    .option('-C, --check', 'plan only, as kplay plan (also: --dry-run)')
    .addOption(new Option('--dry-run', 'as --check').implies({ check: true }).hideHelp())
    .option('-D, --diff', 'show what changes in files')
    .addOption(new Option('--confirm', 'show the plan and ask before the first change').conflicts('check'));
  addStepOption(run, ['check', 'syntaxCheck'])
    .addOption(
      new Option('--force-handlers', 'run handlers on failed hosts, too, unless a play says otherwise').conflicts([
        'check',
        'syntaxCheck',
      ]),
    )
    .addOption(startOption().conflicts('syntaxCheck'));
  addMetricsOptions(run, { without: ['check', 'syntaxCheck'] })
    .addOption(rolloutOption())
    .addOption(engine)
    .addOption(workerTimeoutOption())
    .addOption(new ReportOption().conflicts('syntaxCheck'))
    .addOption(new Option('--syntax-check', 'as kplay validate').conflicts(['check', 'confirm', ...RUN_ONLY]))
    .hook('preAction', (own) => {
      if (own.getOptionValue('engine') !== undefined) return;
      // For rollouts of workers.
      replacePreset(own, 'workerTimeout', undefined);
      refuseAlone(own, ['workerTimeout'], '--engine');
    })
    .action(async (playbook, options) =>
      finish(await (await import('../commands/run.ts')).run(playbook, options, environment)),
    );
  explainEngineConflicts(run, engine);
}

export function addPlan(program: Command, environment: Environment, finish: (code: number) => void): void {
  addListOptions(
    addPlaybookOptions(
      addStateOption(
        addOutputOptions(addHostOptions(command(program, 'plan <playbook>', 'observe, plan and show; writes nothing'))),
      ),
    ),
    ['out', 'sign', 'detailedExitcode', 'report', 'state', 'rollout', 'clusters', ...RUN_ONLY],
  )
    .addOption(startOption())
    .addOption(clustersOption())
    .option('--out <file>', 'save the plan, for kplay apply')
    .addOption(rolloutOption())
    .option('--sign <key>', 'with --out: sign the plan with an ssh key, as FILE.sig')
    .addOption(new ReportOption())
    .option('--detailed-exitcode', '0 nothing to do, 2 something to do, 1 error')
    .option('-D, --diff', 'show what changes in files')
    .hook('preAction', (own) => {
      // A key for plans that are saved.
      if (own.getOptionValue('out') === undefined) replacePreset(own, 'sign', undefined);
    })
    .action(async (playbook, options) =>
      finish(await (await import('../commands/plan.ts')).plan(playbook, options, environment)),
    );
}

export function addApply(program: Command, environment: Environment, finish: (code: number) => void): void {
  const apply = addChangeOptions(
    addOutputOptions(
      // The plan contains the hosts: --limit is refused with a hint.
      addHostOptions(command(program, 'apply <file>', 'apply exactly a saved plan'), { hidesLimit: true }),
    ),
  ).option('-D, --diff', 'show what changes in files');
  addMetricsOptions(addStepOption(apply))
    .addOption(new ReportOption())
    .option('--verify <signers>', 'accept only a plan signed by somebody in this file (ssh-keygen, ALLOWED SIGNERS)')
    .hook('preAction', (own) => {
      // The plan has an inventory of its own, and what is set for all commands is meant for others.
      replacePreset(own, 'inventory', []);
    })
    .action(async (file, options) =>
      finish(await (await import('../commands/apply.ts')).apply(file, options, environment)),
    );
}

export function addValidate(program: Command, environment: Environment, finish: (code: number) => void): void {
  addPlaybookOptions(
    addStateOption(
      addColorOption(
        addUncontactedHostOptions(command(program, 'validate <playbook>', 'check everything that needs no connection')),
      ),
    ),
  )
    .addOption(rolloutOption())
    .addOption(new Option('-o, --output <kind>', 'how to show it').choices(['text', ...DOCUMENTS]).default('text'))
    .action(async (playbook, options) =>
      finish(await (await import('../commands/validate.ts')).validate(playbook, options, environment)),
    );
}

function addLint(program: Command, environment: Environment, finish: (code: number) => void): void {
  addVariableOptions(
    addColorOption(
      addInventorySources(command(program, 'lint <playbook>', 'suggest improvements to a playbook and its inventory')),
    ),
  )
    .addOption(
      new Option('-o, --output <kind>', 'how to show it').choices(['text', ...DOCUMENTS, 'sarif']).default('text'),
    )
    .addOption(
      new Option('--skip <rule>', `skip a rule; repeatable: ${Object.keys(LINT_RULES).join(', ')}`)
        .argParser(lintRule)
        .default([], 'none'),
    )
    .option('--fix', 'fix in the files what can be fixed without changing their meaning, and report the rest')
    .action(async (playbook, options) =>
      finish(await (await import('../commands/lint.ts')).lint(playbook, options, environment)),
    );
}

function lintRule(value: string, previous: readonly string[]): readonly string[] {
  if (!Object.hasOwn(LINT_RULES, value))
    throw new InvalidArgumentError(`The rules are ${Object.keys(LINT_RULES).join(', ')}.`);
  return collect(value, previous);
}
