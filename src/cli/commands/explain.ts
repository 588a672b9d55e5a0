import { InputError } from '../../core/diagnostic.ts';
import { PROBLEM_GROUPS } from '../../core/problems/catalogue.ts';
import type { Problem } from '../../core/problems/problem.ts';
import { firstOf, nearest, similarTo } from '../../core/suggest.ts';
import { hangQuoted } from '../../report/text/hang-command.ts';
import { record } from '../../report/text/table.ts';
import { hang, wrap } from '../../report/text/width.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { readingWidth, screenWidth } from '../output/output.ts';

/** How many codes are suggested for an unknown one. */
const MOST_MEANT = 5;

/** `kplay explain`: explains the code of a refusal or failure and what to do; without a code it lists all. */
export function explain(code: string | undefined, { stdout }: Environment): number {
  const width = screenWidth(stdout);
  if (code === undefined) {
    const lists = PROBLEM_GROUPS.map(
      ({ title, problems }) => `${wrap(title, width).join('\n')}\n${listOf(problems, width)}`,
    );
    const hint = hang('', 'Run kplay explain CODE to see what it means, and what to do.', width);
    stdout.write(`${lists.join('\n')}\n${hint.join('\n')}\n`);
    return EXIT.good;
  }
  const all = new Map(PROBLEM_GROUPS.flatMap(({ problems }) => Object.entries(problems)));
  const problem = all.get(code);
  if (!problem) throw InputError.of(`unknown code '${code}'`, undefined, meant(code, all));
  stdout.write(explanation(code, problem, readingWidth(stdout)));
  return EXIT.good;
}

function listOf(problems: Readonly<Record<string, Problem>>, width: number): string {
  const codes = Object.keys(problems).map((code) => `  ${code}`);
  const titles = Object.values(problems).map(({ title }) => title);
  return `${record(codes, titles, width).join('\n')}\n`;
}

/** Codes that are like the word, and others whose explanations have it. */
function meant(word: string, all: ReadonlyMap<string, Problem>): string {
  const names = [...all.keys()];
  const best = nearest(word, names);
  const about = [...all].filter(([, { title, why }]) => `${title} ${why}`.toLowerCase().includes(word.toLowerCase()));
  const alike = new Set([...(best === undefined ? [] : [best]), ...similarTo(word, names)]);
  const only = about.map(([name]) => name).filter((name) => !alike.has(name));
  const meantCodes = alike.size > 0 ? `did you mean ${firstOf([...alike], MOST_MEANT)}? ` : '';
  const having = only.length > 0 ? `'${word}' is in what explains ${firstOf(only, MOST_MEANT)}; ` : '';
  return `${meantCodes}${having}kplay explain lists all codes`;
}

/** On the page commands are in backticks, where they are formatted; here they are not. */
function explanation(code: string, { title, why, remedy }: Problem, width: number): string {
  const lines = [
    ...hang(`${code}: `, title, width),
    '',
    ...hangQuoted('  ', why, width),
    '',
    ...hangQuoted('  What to do: ', remedy, width),
  ];
  return `${lines.join('\n')}\n`;
}
