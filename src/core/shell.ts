import { Secret } from './secret.ts';

const PLAIN_WORD = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** Quotes one word for any POSIX shell (dash, busybox, bash alike). NUL cannot be passed and is refused. */
export function quoteWord(word: string): string {
  if (word.includes('\0')) throw new RangeError('a shell word cannot contain a NUL character');
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The values that `sh` accepts: words are quoted, scripts are inserted as they are. */
export type ShellPart = string | number | Secret | ShellScript | readonly (string | number | Secret)[];

/**
 * A script for a host's POSIX sh. Only `sh` and its helpers make one, so every value in it is quoted, and secrets in it are
 * never printed: `toString` hides them.
 */
export class ShellScript {
  readonly #parts: readonly (string | Secret)[];

  constructor(parts: readonly (string | Secret)[]) {
    this.#parts = parts;
  }

  get parts(): readonly (string | Secret)[] {
    return this.#parts;
  }

  /** The text to send to the host, including its secrets. */
  reveal(): string {
    return this.#parts.map((part) => (typeof part === 'string' ? part : part.reveal())).join('');
  }

  toString(): string {
    return this.#parts.map(String).join('');
  }

  toJSON(): string {
    return this.toString();
  }
}

/**
 * A script from a template: `sh\`cat ${path}\``. Each value becomes exactly one quoted word, a list one word per element;
 * another script is inserted unquoted; a secret is quoted and never printed.
 * Backslashes mean what they mean to the shell. Only a dollar before a brace, and a backtick, have to be escaped with one.
 */
export function sh(strings: TemplateStringsArray, ...values: readonly ShellPart[]): ShellScript {
  const parts: (string | Secret)[] = [];
  strings.raw.forEach((text, index) => {
    parts.push(text.replace(/\\(?=\$\{|`)/g, ''));
    const value = values[index];
    if (value !== undefined) parts.push(...expand(value));
  });
  return new ShellScript(parts);
}

function expand(value: ShellPart): (string | Secret)[] {
  if (value instanceof ShellScript) return [...value.parts];
  if (value instanceof Secret) return [new Secret(quoteWord(value.reveal()))];
  if (typeof value === 'string' || typeof value === 'number') return [quoteWord(String(value))];
  return value.flatMap((word, index) => (index === 0 ? expand(word) : [' ', ...expand(word)]));
}

/** A script written by the user, taken unchanged: only for `command` and similar steps. */
export function userScript(text: string): ShellScript {
  return new ShellScript([text]);
}

/** Several scripts, one after another, each on lines of its own. */
export function joinScripts(scripts: readonly ShellScript[], separator = '\n'): ShellScript {
  return new ShellScript(
    scripts.flatMap((script, index) => (index === 0 ? script.parts : [separator, ...script.parts])),
  );
}

/**
 * A here-document that feeds `content` to a command's standard input. File contents, secrets and scripts for later reach a
 * host this way, so they never appear in an argument list. The content must be text; it always arrives with a final newline.
 */
export function hereDocument(command: ShellScript, content: string | Secret | ShellScript): ShellScript {
  const text = typeof content === 'string' ? content : content.reveal();
  let delimiter = 'KPLAY_EOF';
  while (text.split('\n').includes(delimiter)) delimiter += '_';
  const body = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  const hidden = typeof content === 'string' ? body : new Secret(body);
  return new ShellScript([...command.parts, ` <<'${delimiter}'\n`, hidden, `${delimiter}\n`]);
}
