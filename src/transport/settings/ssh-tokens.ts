/** The tokens that each option may have besides `%%`: those that ssh_config(5) allows there, except what kplay does not know. */
const TOKENS = {
  HostName: 'h',
  IdentityFile: 'dhknpru',
  ProxyJump: 'hnpr',
  UserKnownHostsFile: 'dhknpru',
} as const;

export type OptionWithTokens = keyof typeof TOKENS;

/** What tokens stand for, by their letters: `{ h: '10.0.0.1' }`. */
export type TokenValues = Readonly<Record<string, string | undefined>>;

/** What to do about a token that is not supported. */
export const TOKEN_HINT = 'write %% for a percent sign';

/** The first token that the option may not have, or that has no value; undefined if there is none. */
export function unsupportedToken(option: OptionWithTokens, text: string, values?: TokenValues): string | undefined {
  const isSupported = (letter: string): boolean =>
    letter === '%' || (TOKENS[option].includes(letter) && (!values || values[letter] !== undefined));
  return text.match(/%.?/gsu)?.find((token) => token === '%' || !isSupported(token.slice(1)));
}

/** The text with its tokens replaced; one without a value stays as it is. */
export function expandTokens(text: string, values: TokenValues): string {
  return text.replace(/%(.)/gsu, (token, letter: string) => (letter === '%' ? '%' : (values[letter] ?? token)));
}

/** Writes a text so that no token is found in it. */
export function escapeTokens(text: string): string {
  return text.replaceAll('%', '%%');
}
