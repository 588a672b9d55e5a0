import { EXIT, EXIT_MEANINGS } from '../src/cli/exit-code.ts';
import { type CommandText, commandTexts, type OptionText } from './command-texts.ts';

/** The manual pages, by file name: `kplay.1`, and one for each command, `kplay-certs-csr.1`. @param date of this version. */
export function manPages(version: string, date: string): ReadonlyMap<string, string> {
  const all = commandTexts();
  const [program, ...commands] = all;
  if (!program) throw new Error('there is no program');
  const leaves = commands.filter(({ name }) => !commands.some((other) => other.name.startsWith(`${name} `)));
  const head = (name: string): string =>
    `.TH ${quote(name.toUpperCase())} 1 ${quote(date)} ${quote(`kplay ${version}`)}\n`;
  return new Map([
    ['kplay.1', head('kplay') + programPage(program, leaves)],
    ...leaves.map((command) => [`${pageOf(command)}.1`, head(pageOf(command)) + commandPage(command)] as const),
  ]);
}

const pageOf = ({ name }: CommandText): string => name.replaceAll(' ', '-');

function programPage(program: CommandText, commands: readonly CommandText[]): string {
  return [
    section('NAME', `kplay \\- ${plain(lowerFirst(program.summary).replace(/\.$/, ''))}\n`),
    section('SYNOPSIS', `.B kplay\n${plain(program.usage.replace(/^kplay /, ''))}\n`),
    section('DESCRIPTION', lines(program.summary)),
    section('COMMANDS', commands.map((one) => tagged(`.BR ${pageOf(one)} (1)`, one.summary)).join('')),
    section('OPTIONS', optionList(program.options)),
    section(
      'EXIT STATUS',
      exitCodes()
        .map(([code, meaning]) => tagged(`.B ${code}`, meaning))
        .join(''),
    ),
    section(
      'FILES',
      tagged('.I ~/.local/state/kplay/runs', 'Journals of runs.') +
        tagged('.I kplay.yml', 'Options of a project, in the directory where kplay is run.'),
    ),
    section(
      'EXAMPLES',
      '.nf\nkplay doctor \\-i prod.yml\nkplay check \\-i prod.yml\nkplay plan renew\\-certs.yml \\-i prod.yml\nkplay run renew\\-certs.yml \\-i prod.yml\n.fi\n',
    ),
  ].join('');
}

function commandPage({ name, usage, summary, arguments: taken, options }: CommandText): string {
  return [
    section('NAME', `${plain(name.replaceAll(' ', '-'))} \\- ${plain(summary)}\n`),
    section('SYNOPSIS', `.B ${plain(name)}\n${plain(usage.slice(name.length + 1))}\n`),
    ...(taken.length > 0 ? [section('ARGUMENTS', optionList(taken))] : []),
    section('OPTIONS', optionList(options)),
    section('SEE ALSO', '.BR kplay (1)\n'),
  ].join('');
}

function exitCodes(): readonly (readonly [code: string, meaning: string])[] {
  return Object.entries(EXIT).map(([name, code]) => [String(code), EXIT_MEANINGS[name as keyof typeof EXIT]]);
}

function section(title: string, body: string): string {
  return `.SH ${title}\n${body}`;
}

function optionList(options: readonly OptionText[]): string {
  return options.map(({ flags, description }) => tagged(`.B ${plain(flags)}`, description)).join('');
}

function tagged(tag: string, text: string): string {
  return `.TP\n${tag}\n${lines(text)}`;
}

function lines(text: string): string {
  return `${plain(text.replaceAll('`', ''))}\n`;
}

/** A text that roff shows as it is: `-` is typed as it stands, and no line begins with what roff takes for a request. */
function plain(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&');
}

function quote(text: string): string {
  return `"${text}"`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
