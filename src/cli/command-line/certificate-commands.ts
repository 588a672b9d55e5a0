import { type Command, Option } from 'commander';
import { CHECK_FORMATS } from '../../report/check/formats.ts';
import { DOCUMENTS } from '../../report/text/document-text.ts';
import type { Environment } from '../environment.ts';
import { addHostOptions } from '../options/host-options.ts';
import { addMetricsOptions } from '../options/metrics-options.ts';
import { collect, duration } from '../options/option-values.ts';
import {
  addChangeOptions,
  addColorOption,
  addOutputOptions,
  addStateOption,
  addVariableOptions,
  BACKUP_COLUMNS,
  BACKUP_DIRECTORY,
  DEFAULT_CRITICAL,
  DEFAULT_RENEW_BEFORE,
  ReportOption,
} from '../options/options.ts';
import { isPreset, refuseAlone, replacePreset } from '../options/preset-options.ts';
import { command } from '../options/subcommand.ts';
import { addTableOptions } from '../options/table-options.ts';

/** Commands whose plays are kplay's own. */
export function addCertificateCommands(
  program: Command,
  environment: Environment,
  finish: (code: number) => void,
): void {
  addCheck(program, environment, finish);
  addRollback(program, environment, finish);
  addDoctor(program, environment, finish);
  addUnlock(program, environment, finish);
  // Commands for clusters whose CA keys are kept elsewhere.
  const certs = command(program, 'certs', 'certificates that are signed elsewhere: make requests, install the results');
  addCsr(certs, environment, finish);
  addInstall(certs, environment, finish);
}

export function addCheck(program: Command, environment: Environment, finish: (code: number) => void): void {
  const check = addTableOptions(
    addVariableOptions(
      addStateOption(
        addOutputOptions(addHostOptions(command(program, 'check', 'table of every certificate of every host')), [
          'table',
          'wide',
          ...Object.keys(CHECK_FORMATS),
        ]),
      ),
    ),
    ['host', 'certificate', 'expires'],
  )
    .option(
      '--renew-before <time>',
      `certificates that expire within this time are due (default: ${DEFAULT_RENEW_BEFORE})`,
    )
    .addOption(
      new Option('--kubeconfig <path>', 'also check this kubeconfig on the hosts; repeatable')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--warn <time>',
        'certificates that expire within this time are a warning (default: --renew-before)',
      ).argParser(duration),
    )
    .addOption(
      new Option(
        '--critical <time>',
        `certificates that expire within this time are critical (default: ${DEFAULT_CRITICAL})`,
      ).argParser(duration),
    );
  addMetricsOptions(check, { printedAs: 'prom' })
    .addOption(new ReportOption(['sarif', 'csv']))
    .addOption(new Option('--html <file>', 'also write the web page about expiries: short for --report html=FILE'))
    .option(
      '--exit-code',
      'report the state of the certificates: 0 ok, 2 critical, 3 warning, 4 not everything could be checked',
    )
    .addOption(
      new Option('--nagios', 'one line with performance data, and exit codes 0 to 3, like a Nagios plugin').conflicts([
        'exitCode',
        'headers',
        'sortBy',
        'output',
      ]),
    )
    .action(async (options, own: Command) => {
      const arePresetThresholds = ['warn', 'critical'].every(
        (name) => own.getOptionValue(name) === undefined || isPreset(own, name),
      );
      finish(await (await import('../commands/check.ts')).check({ ...options, arePresetThresholds }, environment));
    });
}

function addRollback(program: Command, environment: Environment, finish: (code: number) => void): void {
  addTableOptions(
    addChangeOptions(
      addVariableOptions(
        addOutputOptions(
          addHostOptions(command(program, 'rollback', 'restore a backup: plan, show, write, restart, prove')),
          ['auto', 'tree', 'plain', ...DOCUMENTS],
        ),
      ),
      ['check', 'list'],
    ),
    BACKUP_COLUMNS,
    'with --list: ',
  )
    .option('--backup <id>', 'which backup (default: the latest)')
    .option(
      '--backup-to <directory>',
      `where the backups are (default: the variable backup_to, or ${BACKUP_DIRECTORY})`,
    )
    .option('--even-expired', 'restore certificates even if they have expired, expire within a day, or cannot be used')
    .option('-C, --check', 'plan only')
    .option('-D, --diff', 'show what changes in manifests')
    .addOption(new ReportOption())
    .option('--confirm', 'show the plan and ask before the first change')
    .addOption(
      new Option('--list', 'list the backups instead').conflicts([
        'backup',
        'evenExpired',
        'check',
        'diff',
        'confirm',
        'report',
      ]),
    )
    .hook('preAction', (own) => {
      // A default for lists, or for runs.
      const other = own.getOptionValue('list') ? 'tree' : 'yaml';
      if (own.getOptionValue('output') === other) replacePreset(own, 'output', 'auto');
    })
    .action(async (options, own: Command) => {
      if (!options.list) refuseAlone(own, ['headers', 'sortBy'], '--list');
      finish(await (await import('../commands/rollback.ts')).rollback(options, environment));
    });
}

function addDoctor(program: Command, environment: Environment, finish: (code: number) => void): void {
  addTableOptions(
    addColorOption(
      addStateOption(
        addVariableOptions(
          addHostOptions(command(program, 'doctor', 'check what would prevent a run from working on each host')),
        ),
      ),
    ),
    ['host', 'kubeadm', 'kubelet'],
  )
    .addOption(new Option('-o, --output <kind>', 'how to show it').choices(['table', ...DOCUMENTS]).default('table'))
    .action(async (options) => finish(await (await import('../commands/doctor.ts')).doctor(options, environment)));
}

function addUnlock(program: Command, environment: Environment, finish: (code: number) => void): void {
  addStateOption(
    addOutputOptions(addHostOptions(command(program, 'unlock', 'remove the lock of a run that is gone or hangs'))),
  )
    .requiredOption('--reason <text>', 'why, for the journal')
    .option('--confirm', 'show the plan and ask before the first change')
    .action(async (options) => finish(await (await import('../commands/unlock.ts')).unlock(options, environment)));
}

function addCsr(certs: Command, environment: Environment, finish: (code: number) => void): void {
  addChangeOptions(
    addVariableOptions(
      addOutputOptions(
        addHostOptions(command(certs, 'csr', 'make keys on the hosts, and requests for due certificates')),
      ),
    ),
  )
    .requiredOption('--out <directory>', 'directory for the requests, as HOST/NAME.csr')
    .option('--renew-before <time>', 'certificates that expire within this time are due')
    .option('--etcd-client', 'also the client certificate for an external etcd')
    .addOption(
      new Option('--keys <maker>', 'who makes the private keys (default: auto, kubeadm if it can)').choices([
        'auto',
        'kubeadm',
        'kplay',
      ]),
    )
    .action(async (options) => finish(await (await import('../commands/certs-csr.ts')).certsCsr(options, environment)));
}

function addInstall(certs: Command, environment: Environment, finish: (code: number) => void): void {
  addChangeOptions(
    addVariableOptions(
      addOutputOptions(
        addHostOptions(command(certs, 'install <directory>', 'check HOST/NAME.crt, install, restart, prove')),
      ),
    ),
    ['check'],
  )
    .option('-C, --check', 'plan only')
    .option(
      '--backup-to <directory>',
      `where the backups are (default: the variable backup_to, or ${BACKUP_DIRECTORY})`,
    )
    .action(async (directory, options) =>
      finish(await (await import('../commands/certs-install.ts')).certsInstall(directory, options, environment)),
    );
}
