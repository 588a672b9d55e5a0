import { count } from '../../core/count.ts';
import { InputError } from '../../core/diagnostic.ts';
import { isJsonObject } from '../../core/json.ts';
import { quoteWord } from '../../core/shell.ts';
import { SourceFile } from '../../core/source.ts';
import { describeSystemError } from '../../core/system-error.ts';
import type { RunResult } from '../../engine/run-result.ts';
import { readPlaybook } from '../../playbook/load.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { given } from '../inputs/given-variables.ts';
import { writeRequests } from '../inputs/signed-directory.ts';
import type { JobOptions } from '../options/options.ts';
import { checkOutputDirectory } from '../output/output-file.ts';
import type { FinishedRun } from '../run/playbook-run.ts';
import { runPlaybook } from '../run/run-playbook.ts';
import { sameOptions } from '../run/same-options.ts';
import { showPlan } from '../run/show-plan.ts';

export interface CsrCommandOptions extends JobOptions {
  readonly out: string;
  /** Default: the variable of that name, or the step's default. */
  readonly renewBefore?: string;
  readonly keys?: string;
  readonly etcdClient?: boolean;
}

const PLAYBOOK = `- name: Request certificates that are signed elsewhere
  hosts: all
  become: true
  vars: { keys: auto, etcd_client: false }
  tasks:
    - name: Make keys and requests
      certs.request: { keys: "{{ keys }}", etcd_client: "{{ etcd_client | bool }}" }
      register: requested
`;

/** `kplay certs csr`: makes keys on the hosts, where they stay, and writes their requests to a directory on this machine. */
export async function certsCsr(options: CsrCommandOptions, environment: Environment): Promise<number> {
  const { out, renewBefore, keys, etcdClient } = options;
  let requests = 0;
  const finished = await runPlaybook({
    command: 'certs csr',
    source: out,
    options,
    fleet: options,
    environment,
    inputs: {
      beside: undefined,
      playbook: (problems) => readPlaybook(new SourceFile('kplay certs csr', PLAYBOOK), catalogue, problems),
      work: { command: 'certs csr' },
      variables: () => ({
        keys: given(keys, '--keys'),
        etcd_client: given(etcdClient, '--etcd-client'),
        renew_before: given(renewBefore, '--renew-before'),
      }),
    },
    checkOutputs: (problems) => checkOutputDirectory(out, problems),
    apply: {},
    onPlan: (shown) => showPlan(shown, options, environment),
    save: ({ result }) => {
      requests = write(out, result);
    },
  });
  if (options.output !== 'json' && finished.exitCode !== EXIT.input)
    environment.stdout.write(`${ending(requests, finished, options)}\n`);
  return finished.exitCode;
}

function write(directory: string, result: RunResult): number {
  let written = 0;
  for (const [host, values] of result.registered) {
    const value = values.get('requested');
    const requests = isJsonObject(value) && isJsonObject(value['requests']) ? value['requests'] : {};
    const texts = Object.entries(requests).flatMap(([file, pem]) =>
      typeof pem === 'string' ? [[file, pem] as const] : [],
    );
    try {
      written += writeRequests(directory, host, Object.fromEntries(texts));
    } catch (error) {
      throw InputError.of(
        `cannot write to ${directory}: ${describeSystemError(error)}`,
        ['--out'],
        'the requests are still on the hosts: choose another directory with --out, and run again',
      );
    }
  }
  return written;
}

function ending(requests: number, { exitCode }: FinishedRun, options: CsrCommandOptions): string {
  if (requests === 0 && exitCode !== EXIT.good) return '\nNo request was made.';
  if (requests === 0) return '\nNo certificate is due: there is nothing to request.';
  const text = count(requests, 'request is', 'requests are');
  return (
    `\n${text} in ${options.out}. Have them signed, and put each certificate, with its chain, beside its request as NAME.crt.\n` +
    `Next: kplay certs install ${quoteWord(options.out)} ${sameOptions(options, { command: 'certs install', isSame: false })}`
  );
}
