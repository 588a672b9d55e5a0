import { join } from 'node:path';
import { InputError, Problems } from '../../core/diagnostic.ts';
import { withoutSecrets } from '../../report/secrets/source-mask.ts';
import { escapeControls } from '../../report/text/escape.ts';
import type { Environment } from '../environment.ts';
import { askText } from '../inputs/prompts.ts';
import { hostOfKubeconfig } from './from-kubeconfig.ts';
import { type HostLists, hostsOfLists } from './from-list.ts';
import { hostsOfSshConfig, sshConfigAt } from './from-ssh-config.ts';
import type { FoundHosts } from './inventory-text.ts';

/** The inputs of `kplay init`, from options. */
export interface InitAnswers {
  readonly masters?: string;
  readonly workers?: string;
  readonly sshConfig?: string;
  readonly kubeconfig?: string;
  /** The context of the kubeconfig. */
  readonly context?: string;
  readonly user?: string;
  readonly become?: boolean;
}

/** The contents of the inventory to write. */
export interface InventoryInput {
  /** Undefined when there were errors, which have been reported. */
  readonly found: FoundHosts | undefined;
  readonly user?: string;
  readonly become: boolean;
}

/**
 * Asks for everything that options have not given. Each answer is checked at once and asked for again if it is wrong, so that earlier
 * answers are not lost.
 * @param problems receives warnings
 * @throws {PromptEnded} when a question is not answered.
 */
export async function askForInventory(
  given: InitAnswers,
  environment: Environment,
  problems: Problems,
): Promise<InventoryInput> {
  const promptContext = { environment, problems };
  const { found, where } = await askForHosts(given, promptContext);
  const user =
    given.user ?? (await ask(`Log in as whom${where}? (Enter: ${environment.user})`, promptContext, (reply) => reply));
  const become =
    given.become ?? (await choose('Become root with sudo? y or n (Enter: y)', YES_OR_NO, promptContext)) === 'y';
  return { found, become, ...(user !== '' && { user }) };
}

interface PromptContext {
  readonly environment: Environment;
  readonly problems: Problems;
}

/** What the user types for each choice. */
type Choices<Answer extends string> = Readonly<Record<Answer, RegExp>>;

const SOURCES: Choices<'a' | 's' | 'k'> = { a: /^(?:a|)$/i, s: /^s(?:sh_config)?$/i, k: /^k(?:ubeconfig)?$/i };
const YES_OR_NO: Choices<'y' | 'n'> = { y: /^(?:y|yes|)$/i, n: /^no?$/i };

/** The hosts, and who logs in on them if the source says so. */
async function askForHosts(
  given: InitAnswers,
  promptContext: PromptContext,
): Promise<{ found: FoundHosts; where: string }> {
  const { environment } = promptContext;
  const question =
    'Where are the hosts listed? a: I will type them, s: in an ssh_config, k: in a kubeconfig (Enter: a)';
  const source = await choose(question, SOURCES, promptContext);
  if (given.context !== undefined && source !== 'k')
    throw InputError.of('--context has no effect without a kubeconfig', ['--context'], 'leave it out, or answer k');
  switch (source) {
    case 'a': {
      const found = await roles('Masters: names or addresses, separated by commas', hostsOfLists, given, promptContext);
      return { found, where: '' };
    }
    case 's': {
      const usual = join(environment.home, '.ssh', 'config');
      const { path, config } = await ask(`ssh_config (Enter: ${usual})`, promptContext, (reply, problems) => {
        const path = reply || usual;
        const config = sshConfigAt(path, problems);
        return config && { path, config };
      });
      const names = config.names.map(({ value }) => escapeControls(value)).join(', ');
      const read = (lists: HostLists, problems: Problems) => hostsOfSshConfig(path, config, lists, problems);
      const found = await roles(`Masters, of ${names}`, read, given, promptContext);
      return { found, where: ', unless the ssh_config names a user' };
    }
    case 'k': {
      if (given.workers !== undefined)
        throw InputError.of(
          '--workers has no effect with a kubeconfig',
          ['--workers'],
          'leave it out, or answer a or s',
        );
      const usual = join(environment.home, '.kube', 'config');
      const found = await ask(`kubeconfig (Enter: ${usual})`, promptContext, (reply, problems) =>
        hostOfKubeconfig(reply || usual, given.context, problems),
      );
      return { found, where: '' };
    }
  }
}

/** @param read makes hosts from lists and reports errors in them */
async function roles(
  forMasters: string,
  read: (lists: HostLists, problems: Problems) => FoundHosts,
  { workers: given }: InitAnswers,
  promptContext: PromptContext,
): Promise<FoundHosts> {
  const named = given === undefined ? {} : { workers: given };
  const { masters, found } = await ask(forMasters, promptContext, (reply, problems) => {
    return { masters: reply, found: read({ masters: reply, ...named }, problems) };
  });
  if (given !== undefined) return found;
  // A host has only one role, so both lists are read together.
  return ask('Workers (Enter: none)', promptContext, (workers, problems) =>
    workers === '' ? found : read({ masters, workers }, problems),
  );
}

function choose<Answer extends string>(
  question: string,
  choices: Choices<Answer>,
  promptContext: PromptContext,
): Promise<Answer> {
  const letters = Object.keys(choices).filter((letter): letter is Answer => letter in choices);
  return ask(question, promptContext, (reply, problems) => {
    const chosen = letters.find((letter) => choices[letter].test(reply));
    // Choosing the nearest answer would act without the user seeing it.
    if (chosen === undefined)
      problems.error(
        `'${reply}' is not a valid answer`,
        undefined,
        `type ${letters.join(', ').replace(/, (\w)$/, ' or $1')}`,
      );
    return chosen;
  });
}

/** Asks until `read` accepts the answer; errors are shown at once, warnings are collected. */
async function ask<Answer>(
  question: string,
  { environment, problems: kept }: PromptContext,
  read: (reply: string, problems: Problems) => Answer | undefined,
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
