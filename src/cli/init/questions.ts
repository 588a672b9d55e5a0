import { join } from 'node:path';
import { InputError, Problems } from '../../core/diagnostic.ts';
import { escapeControls } from '../../report/escape.ts';
import type { Environment } from '../environment.ts';
import { askText } from '../inputs/prompts.ts';
import { sshConfigAt } from './from-ssh-config.ts';

/** What `kplay init` has to know: as its options give it. */
export interface InitAnswers {
  readonly masters?: string;
  readonly workers?: string;
  readonly sshConfig?: string;
  readonly kubeconfig?: string;
  readonly user?: string;
  readonly become?: boolean;
}

/**
 * Asks for what options would have said.
 * @throws {PromptEnded} when a question is not answered.
 */
export async function askForInventory(given: InitAnswers, environment: Environment): Promise<InitAnswers> {
  const ask = async (question: string): Promise<string> => (await askText(environment, question)).trim();
  const source = await ask(
    'Where are the hosts named? a: I name them, s: in an ssh_config, k: in a kubeconfig (Enter: a)',
  );
  const found = await answersFrom(source, given, ask, environment);
  const where = found.sshConfig === undefined ? '' : ', where the ssh_config does not say';
  const user = given.user ?? (await ask(`Log in as whom${where}? (Enter: ${environment.user})`));
  const become = given.become ?? !/^n/i.test(await ask('Become root with sudo? y or n (Enter: y)'));
  return { ...found, become, ...(user !== '' && { user }) };
}

async function answersFrom(
  source: string,
  given: InitAnswers,
  ask: (question: string) => Promise<string>,
  { home }: Environment,
): Promise<InitAnswers> {
  switch (source.toLowerCase().charAt(0)) {
    case '':
    case 'a':
      return roles(given, ask, 'Masters: names or addresses, with commas between');
    case 's': {
      const usual = join(home, '.ssh', 'config');
      const sshConfig = (await ask(`ssh_config (Enter: ${usual})`)) || usual;
      const problems = new Problems();
      const config = sshConfigAt(sshConfig, problems);
      if (!config) throw new InputError(problems.all);
      const names = config.names.map(({ value }) => escapeControls(value)).join(', ');
      return { sshConfig, ...(await roles(given, ask, `Masters, of ${names}`)) };
    }
    case 'k': {
      if (given.workers !== undefined)
        throw InputError.of('--workers has no effect with a kubeconfig', undefined, 'leave it out, or answer a or s');
      const usual = join(home, '.kube', 'config');
      return { kubeconfig: (await ask(`kubeconfig (Enter: ${usual})`)) || usual };
    }
    default:
      throw InputError.of(`'${source}' is none of a, s and k`, undefined, 'run kplay init again');
  }
}

async function roles(
  given: InitAnswers,
  ask: (question: string) => Promise<string>,
  forMasters: string,
): Promise<InitAnswers> {
  const masters = await ask(forMasters);
  const workers = given.workers ?? (await ask('Workers (Enter: none)'));
  return { masters, ...(workers !== '' && { workers }) };
}
