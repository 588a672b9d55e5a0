import { join } from 'node:path';
import { InputError, Problems } from '../../core/diagnostic.ts';
import { escapeControls } from '../../report/escape.ts';
import { withoutSecrets } from '../../report/source-mask.ts';
import type { Environment } from '../environment.ts';
import { askText } from '../inputs/prompts.ts';
import { hostOfKubeconfig } from './from-kubeconfig.ts';
import { type HostLists, hostsOfLists } from './from-list.ts';
import { hostsOfSshConfig, sshConfigAt } from './from-ssh-config.ts';

/** What `kplay init` has to know: as its options give it. */
export interface InitAnswers {
  readonly masters?: string;
  readonly workers?: string;
  readonly sshConfig?: string;
  readonly kubeconfig?: string;
  /** Of the kubeconfig. */
  readonly context?: string;
  readonly user?: string;
  readonly become?: boolean;
}

/**
 * Asks for what options would have said. Each answer is checked as it is given, and asked for again where it is wrong: those before
 * it are not lost.
 * @throws {PromptEnded} when a question is not answered.
 */
export async function askForInventory(given: InitAnswers, environment: Environment): Promise<InitAnswers> {
  const found = await answersFrom(given, environment);
  const where = found.sshConfig === undefined ? '' : ', unless the ssh_config names a user';
  const user =
    given.user ?? (await ask(`Log in as whom${where}? (Enter: ${environment.user})`, environment, (said) => said));
  const become =
    given.become ?? (await choose('Become root with sudo? y or n (Enter: y)', YES_OR_NO, environment)) === 'y';
  return { ...found, become, ...(user !== '' && { user }) };
}

/** What is typed for each answer. */
type Choices<Answer extends string> = Readonly<Record<Answer, RegExp>>;

const SOURCES: Choices<'a' | 's' | 'k'> = { a: /^(?:a|)$/i, s: /^s(?:sh_config)?$/i, k: /^k(?:ubeconfig)?$/i };
const YES_OR_NO: Choices<'y' | 'n'> = { y: /^(?:y|yes|)$/i, n: /^no?$/i };

async function answersFrom(given: InitAnswers, environment: Environment): Promise<InitAnswers> {
  const question =
    'Where are the hosts listed? a: I will type them, s: in an ssh_config, k: in a kubeconfig (Enter: a)';
  switch (await choose(question, SOURCES, environment)) {
    case 'a':
      return roles('Masters: names or addresses, separated by commas', hostsOfLists, given, environment);
    case 's': {
      const usual = join(environment.home, '.ssh', 'config');
      const { path, config } = await ask(`ssh_config (Enter: ${usual})`, environment, (said, problems) => {
        const path = said || usual;
        const config = sshConfigAt(path, problems);
        return config && { path, config };
      });
      const names = config.names.map(({ value }) => escapeControls(value)).join(', ');
      const read = (lists: HostLists, problems: Problems) => hostsOfSshConfig(path, config, lists, problems);
      return { sshConfig: path, ...(await roles(`Masters, of ${names}`, read, given, environment)) };
    }
    case 'k': {
      if (given.workers !== undefined)
        throw InputError.of('--workers has no effect with a kubeconfig', undefined, 'leave it out, or answer a or s');
      const usual = join(environment.home, '.kube', 'config');
      const kubeconfig = await ask(`kubeconfig (Enter: ${usual})`, environment, (said, problems) => {
        const path = said || usual;
        return hostOfKubeconfig(path, given.context, problems) && path;
      });
      return { kubeconfig };
    }
  }
}

/** @param read says what is wrong with lists. */
async function roles(
  forMasters: string,
  read: (lists: HostLists, problems: Problems) => unknown,
  given: InitAnswers,
  environment: Environment,
): Promise<InitAnswers> {
  const checked = (lists: HostLists, problems: Problems): HostLists => {
    read(lists, problems);
    return lists;
  };
  const named = given.workers === undefined ? {} : { workers: given.workers };
  const lists = await ask(forMasters, environment, (masters, problems) => checked({ masters, ...named }, problems));
  if (given.workers !== undefined) return lists;
  return ask('Workers (Enter: none)', environment, (workers, problems) =>
    workers === '' ? lists : checked({ ...lists, workers }, problems),
  );
}

function choose<Answer extends string>(
  question: string,
  choices: Choices<Answer>,
  environment: Environment,
): Promise<Answer> {
  const letters = Object.keys(choices).filter((letter): letter is Answer => letter in choices);
  return ask(question, environment, (said, problems) => {
    const meant = letters.find((letter) => choices[letter].test(said));
    // Taken for the nearest it would be written unseen.
    if (meant === undefined)
      problems.error(
        `'${said}' is not a valid answer`,
        undefined,
        `type ${letters.join(', ').replace(/, (\w)$/, ' or $1')}`,
      );
    return meant;
  });
}

/** Asks until `read` understands the answer and finds nothing wrong with it; what it finds is told. */
async function ask<Answer>(
  question: string,
  environment: Environment,
  read: (said: string, problems: Problems) => Answer | undefined,
): Promise<Answer> {
  for (;;) {
    const problems = new Problems();
    const answer = read((await askText(environment, question)).trim(), problems);
    if (answer !== undefined && !problems.hasErrors) return answer;
    for (const { severity, message, hint } of withoutSecrets(problems.all))
      if (severity === 'error')
        environment.stderr.write(`  ${escapeControls(hint === undefined ? message : `${message}: ${hint}`)}\n`);
  }
}
