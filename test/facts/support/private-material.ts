import { publicHalf } from '../../pki/support/awk.ts';

/** So many characters of base64 in a row are no accident: some ninety bits. */
const WINDOW = 16;
/** Of a key that is encoded once more, as many of the window's characters must be private for it to tell anything. */
const MIN_PRIVATE = 6;

/**
 * The pieces of a private key's text that must never leave a host: every run of characters of its base64 that is not part
 * of what the public-half program prints, and the same encoded once more, as it stands in a kubeconfig.
 */
export function privatePieces(pem: string): ReadonlySet<string> {
  const isPrivate = privateCharacters(pem);
  const body = [...pem]
    .map((character, index) => (isPrivate[index] ? character : character === '\n' ? '' : ' '))
    .join('');
  const once = body
    .split(' ')
    .flatMap(windows)
    .map(([text]) => text);
  const twice = windows(Buffer.from(pem).toString('base64')).flatMap(([text, at]) => {
    const covered = isPrivate.slice(Math.floor((at * 3) / 4), Math.floor(((at + WINDOW) * 3) / 4));
    return covered.filter(Boolean).length >= MIN_PRIVATE ? [text] : [];
  });
  return new Set([...once, ...twice]);
}

/** Every line of the text of a key but those of nothing but its public part. */
export function privateLines(pem: string): readonly string[] {
  const printed = printedHalf(pem);
  return pem.split('\n').filter((line) => line !== '' && !line.startsWith('-----') && !printed.includes(line));
}

/** Those of the pieces that stand in an output. */
export function leakedPieces(output: string, pieces: ReadonlySet<string>): readonly string[] {
  const seen = new Set(windows(`${output} `).map(([text]) => text));
  return [...pieces].filter((piece) => seen.has(piece));
}

/** For each character of a PEM text: does it stand for something private? */
function privateCharacters(pem: string): readonly boolean[] {
  const printed = printedHalf(pem);
  const places = [...pem.matchAll(/^(?!-----).*$/gm)].flatMap((line) =>
    Array.from(line[0], (_, index) => line.index + index),
  );
  const body = places.map((place) => pem[place]).join('');
  const start = printed === '' ? -1 : body.indexOf(printed);
  const found = places.filter((_, index) => start < 0 || index < start || index >= start + printed.length);
  const isPrivate = new Array<boolean>(pem.length).fill(false);
  for (const place of found) isPrivate[place] = true;
  return isPrivate;
}

function windows(text: string): readonly (readonly [text: string, at: number])[] {
  return Array.from(
    { length: Math.max(0, text.length - WINDOW) },
    (_, index) => [text.slice(index, index + WINDOW), index] as const,
  );
}

/** What the public-half program prints of a key's base64. */
function printedHalf(pem: string): string {
  return publicHalf(pem).trim().split(' ')[2] ?? '';
}
