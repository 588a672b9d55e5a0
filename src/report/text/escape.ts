const NAMED: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/**
 * Makes text safe for one line on a terminal or in the log of a job: characters that would move the cursor, change colours, ring or reorder
 * text are escaped (`\x1b`, `\u202e`), and so are commands of CI systems. Everything that comes from a host or a file passes through here.
 */
export function escapeControls(text: string): string {
  const harmless = escapeLogCommands(text);
  // Nearly every text: V8 takes a third of a millisecond to make ready what the others are.
  if (/^[ -~]*$/.test(harmless)) return harmless;
  // Control characters, format characters (bidi overrides among them), line separators, lone surrogates.
  return harmless.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => NAMED.get(character) ?? escapeCodePoint(character),
  );
}

/**
 * Commands that CI systems execute in a log: `##[…]`, `##vso[…]` and `##teamcity[…]` anywhere (GitHub, Azure Pipelines, TeamCity), and
 * `::command::` after only white space (GitHub: actions/runner, src/Runner.Common/ActionCommand.cs). It looks back only from a colon: from every
 * character of a long blank text, which a host may send, that would take hours.
 */
const LOG_COMMAND = /#(?=#\w*\[)|:(?<=^\s*:)(?=:[\w-].*::)/gs;

/** Escapes commands in the log of a job: one could set the outputs of the job, or hide later lines. */
export function escapeLogCommands(text: string): string {
  return text.includes('##') || text.includes('::') ? text.replace(LOG_COMMAND, escapeCodePoint) : text;
}

function escapeCodePoint(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}
