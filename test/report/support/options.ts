import type { StyleOptions } from '../../../src/report/text/style.ts';

export const PLAIN: StyleOptions = { colors: false };
export const COLORED: StyleOptions = { colors: true };

const COLORS: Readonly<Record<string, string>> = {
  '1': 'bold',
  '2': 'dim',
  '31': 'red',
  '32': 'green',
  '33': 'yellow',
  '35': 'magenta',
  '36': 'cyan',
};

/** Colours as tags, for texts that people read: `<red>✖ </>`. */
export function withTags(text: string): string {
  return text.replace(/\p{Cc}\[(\d+)m/gu, (_, code: string) => (COLORS[code] ? `<${COLORS[code]}>` : '</>'));
}
