/** Characters that JSON allows as they are and terminals obey; line feeds stand only where JSON itself has put them. */
const TERMINAL_CONTROLS = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A value as JSON that is safe to look at: what a terminal would obey is written as `\u` escapes. Without a final newline. */
export function jsonText(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(TERMINAL_CONTROLS, escapeForJson);
}

function escapeForJson(character: string): string {
  return character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
