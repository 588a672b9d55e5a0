import { join } from 'node:path';
import { InputError, Problems } from '../../core/diagnostic.ts';
import { escapeControls } from '../../report/escape.ts';
import { withoutSecrets } from '../../report/source-mask.ts';
import type { Environment } from '../environment.ts';
import { askText } from '../inputs/prompts.ts';
import { hostOfKubeconfig } from './from-kubeconfig.ts';
import { type HostLists, hostsOfLists } from './from-list.ts';
import { hostsOfSshConfig, sshConfigAt } from './from-ssh-config.ts';
import type { FoundHosts } from './inventory-text.ts';

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

/** What an inventory is written from. */
export interface InventoryInput {
  /** Undefined where something is wrong with them, which has been told. */
  readonly found: FoundHosts | undefined;
  readonly user?: string;
  readonly become: boolean;
}

/**
 * Asks for what options would have said. Each answer is checked as it is given, and asked for again where it is wrong: those before
 * it are not lost.
 * @param problems is given what there is to warn of
 * @throws {PromptEnded} when a question is not answered.
 */
export async function askForInventory(
  given: InitAnswers,
  environment: Environment,
  problems: Problems,
): Promise<InventoryInput> {
  const asking = { environment, problems };
  const { found, where } = await askForHosts(given, asking);
  const user =
    given.user ?? (await ask(`Log in as whom${where}? (Enter: ${environment.user})`, asking, (said) => said));
  const become = given.become ?? (await choose('Become root with sudo? y or n (Enter: y)', YES_OR_NO, asking)) === 'y';
  return { found, become, ...(user !== '' && { user }) };
}

interface Asking {
  readonly environment: Environment;
  readonly problems: Problems;
}

/** What is typed for each answer. */
type Choices<Answer extends string> = Readonly<Record<Answer, RegExp>>;

const SOURCES: Choices<'a' | 's' | 'k'> = { a: /^(?:a|)$/i, s: /^s(?:sh_config)?$/i, k: /^k(?:ubeconfig)?$/i };
const YES_OR_NO: Choices<'y' | 'n'> = { y: /^(?:y|yes|)$/i, n: /^no?$/i };

/** The hosts, and what else says who logs in on them. */
async function askForHosts(given: InitAnswers, asking: Asking): Promise<{ found: FoundHosts; where: string }> {
  const { environment } = asking;
  const question =
    'Where are the hosts listed? a: I will type them, s: in an ssh_config, k: in a kubeconfig (Enter: a)';
  const source = await choose(question, SOURCES, asking);
  if (given.context !== undefined && source !== 'k')
    throw InputError.of('--context has no effect without a kubeconfig', undefined, 'leave it out, or answer k');
  switch (source) {
    case 'a': {
      const found = await roles('Masters: names or addresses, separated by commas', hostsOfLists, given, asking);
      return { found, where: '' };
    }
    case 's': {
      const usual = join(environment.home, '.ssh', 'config');
      const { path, config } = await ask(`ssh_config (Enter: ${usual})`, asking, (said, problems) => {
        const path = said || usual;
        const config = sshConfigAt(path, problems);
        return config && { path, config };
      });
      const names = config.names.map(({ value }) => escapeControls(value)).join(', ');
      const read = (lists: HostLists, problems: Problems) => hostsOfSshConfig(path, config, lists, problems);
      const found = await roles(`Masters, of ${names}`, read, given, asking);
      return { found, where: ', unless the ssh_config names a user' };
    }
    case 'k': {
      if (given.workers !== undefined)
        throw InputError.of('--workers has no effect with a kubeconfig', undefined, 'leave it out, or answer a or s');
      const usual = join(environment.home, '.kube', 'config');
      const found = await ask(`kubeconfig (Enter: ${usual})`, asking, (said, problems) =>
        hostOfKubeconfig(said || usual, given.context, problems),
      );
      return { found, where: '' };
    }
  }
}

/** @param read makes hosts of lists, and says what is wrong with these */
async function roles(
  forMasters: string,
  read: (lists: HostLists, problems: Problems) => FoundHosts,
  { workers: given }: InitAnswers,
  asking: Asking,
): Promise<FoundHosts> {
  const named = given === undefined ? {} : { workers: given };
  const { masters, found } = await ask(forMasters, asking, (said, problems) => {
    return { masters: said, found: read({ masters: said, ...named }, problems) };
  });
  if (given !== undefined) return found;
  // A host has one role: with workers, both lists are read together.
  return ask('Workers (Enter: none)', asking, (workers, problems) =>
    workers === '' ? found : read({ masters, workers }, problems),
  );
}

function choose<Answer extends string>(question: string, choices: Choices<Answer>, asking: Asking): Promise<Answer> {
  const letters = Object.keys(choices).filter((letter): letter is Answer => letter in choices);
  return ask(question, asking, (said, problems) => {
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

/** Asks until `read` understands the answer and finds nothing wrong with it; what is wrong is told at once, what it warns of is kept. */
async function ask<Answer>(
  question: string,
  { environment, problems: kept }: Asking,
  read: (said: string, problems: Problems) => Answer | undefined,
): Promise<Answer> {
  for (;;) {
    const problems = new Problems();
    const answer = read((await askText(environment, question)).trim(), problems);
    if (answer !== undefined && !problems.hasErrors) {
      kept.addAll(problems.all);
      return answer;
    }
    for (const { severity, message, hint } of withoutSecrets(problems.all))
      if (severity === 'error')
        environment.stderr.write(`  ${escapeControls(hint === undefined ? message : `${message}: ${hint}`)}\n`);
  }
}
