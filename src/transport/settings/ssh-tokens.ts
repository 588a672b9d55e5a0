/** The tokens that each option may have besides `%%`: those that ssh_config(5) allows there, except what kplay does not know. */
const TOKENS = {
  HostName: 'h',
  IdentityFile: 'dhknpru',
  ProxyJump: 'hnpr',
  UserKnownHostsFile: 'dhknpru',
} as const;

export type OptionWithTokens = keyof typeof TOKENS;

/** Options with a path, in which ssh also replaces `~user` and variables of the environment. */
const PATHS: readonly OptionWithTokens[] = ['IdentityFile', 'UserKnownHostsFile'];

/** What tokens stand for, by their letters: `{ h: '10.0.0.1' }`. */
export type TokenValues = Readonly<Record<string, string | undefined>>;

/** What to do about something that is not supported. */
export function tokenHint(token: string): string {
  return token.startsWith('%') ? 'write %% for a percent sign' : 'write the whole path; ~/ is your home directory';
}

/**
 * The first token that the option may not have, or that has no value, or what else ssh would replace and kplay does not;
 * undefined if there is none.
 */
export function unsupportedToken(option: OptionWithTokens, text: string, values?: TokenValues): string | undefined {
  const isSupported = (letter: string): boolean =>
    letter === '%' || (TOKENS[option].includes(letter) && (!values || values[letter] !== undefined));
  const token = text.match(/%.?/gsu)?.find((each) => each === '%' || !isSupported(each.slice(1)));
  return token ?? (PATHS.includes(option) ? (otherHome(text) ?? /\$\{[^}]*\}?/.exec(text)?.[0]) : undefined);
}

/** `~user` at the beginning of a path, which is the home directory of that user. */
export function otherHome(path: string): string | undefined {
  return /^~[^/]+/.exec(path)?.[0];
}

/** The text with its tokens replaced; one without a value stays as it is. */
export function expandTokens(text: string, values: TokenValues): string {
  return text.replace(/%(.)/gsu, (token, letter: string) => (letter === '%' ? '%' : (values[letter] ?? token)));
}

/** Writes a text so that no token is found in it. */
export function escapeTokens(text: string): string {
  return text.replaceAll('%', '%%');
}

/** The path with the home directory of the user who runs kplay in the place of `~`. */
export function expandHome(path: string, { home }: { readonly home: string }): string {
  return path === '~' || path.startsWith('~/') ? home + path.slice(1) : path;
}
