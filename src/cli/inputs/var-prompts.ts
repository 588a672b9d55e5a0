import type { Problems } from '../../core/diagnostic.ts';
import { Secret } from '../../core/secret.ts';
import { treeToJson } from '../../core/yaml/yaml.ts';
import type { CompiledVars } from '../../engine/program/scope.ts';
import type { Play, Playbook, VarPrompt } from '../../playbook/model.ts';
import { displayText } from '../../template/values/value.ts';
import type { Environment } from '../environment.ts';
import { askSecret, askText } from './prompts.ts';

/** The answers to prompts of plays (`vars_prompt`). */
export interface Answers {
  readonly ofPlays: ReadonlyMap<Play, CompiledVars>;
  /** Values of private variables, typed or given with `-e`, which must not be shown. */
  readonly secrets: readonly Secret[];
}

/**
 * Asks for the variables of all plays that `-e` does not give, before any host is contacted. Commands that only read the playbook do not
 * ask: they use the defaults. So do runs without a terminal, where a variable without a default is an error.
 * @throws {PromptEnded} when a question is not answered.
 */
export async function askForVariables(
  { plays }: Playbook,
  extra: CompiledVars,
  asks: boolean,
  environment: Environment,
  problems: Problems,
): Promise<Answers> {
  const secrets: Secret[] = [];
  const ofPlays = new Map<Play, CompiledVars>();
  const keep = ({ private: isPrivate }: VarPrompt, value: string): void => {
    if (isPrivate?.value ?? true) secrets.push(new Secret(value));
  };
  for (const play of plays) {
    const answers = new Map<string, string>();
    for (const prompt of play.varsPrompt) {
      const given = extra.get(prompt.name.value);
      if (given?.kind === 'constant') keep(prompt, displayText(given.value));
      if (given) continue;
      const standard = prompt.default && displayText(treeToJson(prompt.default));
      const answer = asks ? await answerTo(prompt, standard, environment, problems) : standard;
      answers.set(prompt.name.value, answer ?? '');
      // A default that is used unchanged is readable in the playbook.
      if (answer !== undefined && answer !== standard) keep(prompt, answer);
    }
    ofPlays.set(play, new Map([...answers].map(([name, value]) => [name, { kind: 'constant', value }])));
  }
  return { ofPlays, secrets };
}

async function answerTo(
  { name, prompt, private: isPrivate, confirm }: VarPrompt,
  standard: string | undefined,
  environment: Environment,
  problems: Problems,
): Promise<string | undefined> {
  if (!environment.stdin.isTTY) {
    if (standard === undefined)
      problems.error(
        `${name.value} has to be asked for, but there is no terminal`,
        name.range,
        `give it with -e ${name.value}=…, or give it a default`,
      );
    return standard;
  }
  const isHidden = isPrivate?.value ?? true;
  const label = prompt?.value ?? `input for ${name.value}`;
  // The default of a hidden answer is hidden as well.
  const question = standard === undefined ? label : `${label} [${isHidden ? 'hidden' : standard}]`;
  const ask = async (text: string): Promise<string> =>
    isHidden ? ((await askSecret(environment, text))?.reveal() ?? '') : askText(environment, text);
  for (;;) {
    const answer = await ask(question);
    if (!confirm?.value || (await ask(`confirm ${label}`)) === answer) return answer === '' ? (standard ?? '') : answer;
    environment.stderr.write('The two answers differ. Please try again.\n');
  }
}
