import type { Problems } from '../../core/diagnostic.ts';
import { Secret } from '../../core/secret.ts';
import type { SourceRange } from '../../core/source.ts';
import { treeToJson } from '../../core/yaml/yaml.ts';
import type { CompiledVars } from '../../engine/program/scope.ts';
import type { Play, Playbook, VarPrompt } from '../../playbook/model.ts';
import type { CompiledValue } from '../../template/template.ts';
import { displayText } from '../../template/values/value.ts';
import type { Environment } from '../environment.ts';
import type { ExtraVars } from './extra-vars.ts';
import { askSecret, askText } from './prompts.ts';

/** The answers to prompts of plays (`vars_prompt`). */
export interface Answers {
  readonly ofPlays: ReadonlyMap<Play, CompiledVars>;
  /** Values of private variables, typed or given with `-e`, which must not be shown. */
  readonly secrets: readonly Secret[];
  /** The names of these variables. */
  readonly secretNames: ReadonlySet<string>;
}

/** The questions of plays whose answers must not be shown. */
export function privatePrompts(plays: Playbook['plays']): readonly VarPrompt[] {
  return plays.flatMap(({ varsPrompt }) => varsPrompt).filter(isPrivate);
}

function isPrivate({ private: says }: VarPrompt): boolean {
  return says?.value ?? true;
}

/**
 * Asks for the variables of all plays that `-e` does not give, before any host is contacted. Commands that only read the playbook do not
 * ask: they use the defaults. So do runs without a terminal, where a variable without a default is an error.
 * @throws {PromptEnded} when a question is not answered.
 */
export async function askForVariables(
  { plays }: Playbook,
  { vars: extra, places }: ExtraVars,
  asks: boolean,
  environment: Environment,
  problems: Problems,
): Promise<Answers> {
  const secrets: Secret[] = [];
  const secretNames = new Set<string>();
  const ofPlays = new Map<Play, CompiledVars>();
  const keep = (prompt: VarPrompt, value: string): void => {
    if (!isPrivate(prompt)) return;
    secrets.push(new Secret(value));
    secretNames.add(prompt.name.value);
  };
  for (const play of plays) {
    const answers = new Map<string, string>();
    for (const prompt of play.varsPrompt) {
      const given = extra.get(prompt.name.value);
      if (given) {
        for (const text of textsOf(given, places.get(prompt.name.value))) keep(prompt, text);
        continue;
      }
      const standard = prompt.default && displayText(treeToJson(prompt.default));
      const answer = asks ? await answerTo(prompt, standard, environment, problems) : standard;
      answers.set(prompt.name.value, answer ?? '');
      // A default that is used unchanged is readable in the playbook.
      if (answer !== undefined && answer !== standard) keep(prompt, answer);
    }
    ofPlays.set(play, new Map([...answers].map(([name, value]) => [name, { kind: 'constant', value }])));
  }
  return { ofPlays, secrets, secretNames };
}

/** A value of `-e`, and how it is written: in quotes it may have escapes. */
function textsOf(given: CompiledValue, place: SourceRange | undefined): readonly string[] {
  const written = place?.file.text.slice(place.start, place.end).replace(/^(["'])([\s\S]*)\1$/, '$2');
  return [
    ...(given.kind === 'constant' ? [displayText(given.value)] : []),
    ...(written === undefined ? [] : [written]),
  ];
}

async function answerTo(
  question: VarPrompt,
  standard: string | undefined,
  environment: Environment,
  problems: Problems,
): Promise<string | undefined> {
  const { name, prompt, confirm } = question;
  if (!environment.stdin.isTTY) {
    if (standard === undefined)
      problems.error(
        `${name.value} has to be asked for, but there is no terminal`,
        name.range,
        `give it with -e ${name.value}=…, or give it a default`,
      );
    return standard;
  }
  const isHidden = isPrivate(question);
  const label = prompt?.value ?? `input for ${name.value}`;
  // The default of a hidden answer is hidden as well.
  const text = standard === undefined ? label : `${label} [${isHidden ? 'hidden' : standard}]`;
  const ask = async (asked: string): Promise<string> =>
    isHidden ? ((await askSecret(environment, asked))?.reveal() ?? '') : askText(environment, asked);
  for (;;) {
    const answer = await ask(text);
    if (!confirm?.value || (await ask(`confirm ${label}`)) === answer) return answer === '' ? (standard ?? '') : answer;
    environment.stderr.write('The two answers differ. Please try again.\n');
  }
}
