/** Control characters, format characters (bidi overrides among them), line separators, lone surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const NAMED: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/**
 * Text as it may be put on a terminal, or in the log of a job, on one line: whatever would move the cursor, change colours, ring or
 * reorder what is read is written out (`\x1b`, `\u202e`), and so is what a CI system would take for a command. Everything that
 * comes from a host or a file passes through here.
 */
export function escapeControls(text: string): string {
  return escapeLogCommands(text).replace(
    UNPRINTABLE,
    (character) => NAMED.get(character) ?? escapeCodePoint(character),
  );
}

/**
 * What a CI system obeys in a log: `##[…]`, `##vso[…]` and `##teamcity[…]` anywhere (GitHub, Azure Pipelines, TeamCity), and
 * `::command::` behind nothing but white space (GitHub: actions/runner, src/Runner.Common/ActionCommand.cs).
 */
const LOG_COMMAND = /#(?=#\w*\[)|(?<=^\s*):(?=:[\w-].*::)/gs;

/** The text without a command of a job's log: one could set the outputs of the job, or hide what it says later. */
export function escapeLogCommands(text: string): string {
  return text.includes('##') || text.includes('::') ? text.replace(LOG_COMMAND, escapeCodePoint) : text;
}

function escapeCodePoint(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}
