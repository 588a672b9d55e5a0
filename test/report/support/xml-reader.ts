/** What a strict reader finds in an XML document. */
export interface ReadElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly ReadElement[];
  /** All text directly in it. */
  readonly text: string;
}

const NAME = '[A-Za-z_][\\w.-]*';
const NO_CHAR = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const TOKEN = new RegExp(`</(${NAME})\\s*>|<(${NAME})((?:\\s+${NAME}\\s*=\\s*"[^"<]*")*)\\s*(/?)>|([^<]+)`, 'y');

interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: ReadElement[];
  text: string;
}

/**
 * Reads a document of elements, attributes and text as XML 1.0 has it, strictly.
 * @throws {Error} for anything that is not well-formed, or that these documents never hold: a DTD, comments, CDATA.
 */
export function readXml(document: string): ReadElement {
  const bad = NO_CHAR.exec(document);
  if (bad) throw new Error(`not a character of XML at ${bad.index}`);
  const declaration = /^<\?xml version="1\.0" encoding="UTF-8"\?>\n/.exec(document);
  if (!declaration) throw new Error('no declaration');
  const body = document.slice(declaration[0].length);
  const root: Open = { name: '', attributes: {}, children: [], text: '' };
  const open: Open[] = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < body.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(body);
    if (!match) throw new Error(`not well-formed at ${at}: ${body.slice(at, at + 40)}`);
    const [, end, start, attributes = '', empty, text] = match;
    const top = open.at(-1) ?? root;
    if (text !== undefined) top.text += resolve(text);
    else if (start !== undefined) {
      const element: Open = { name: start, attributes: readAttributes(attributes), children: [], text: '' };
      top.children.push(element);
      if (empty === '') open.push(element);
    } else {
      if (open.length === 1 || top.name !== end) throw new Error(`</${end}> ends no <${top.name}>`);
      open.pop();
    }
  }
  if (open.length > 1) throw new Error(`<${open.at(-1)?.name}> is not ended`);
  const [only, ...others] = root.children;
  if (!only || others.length > 0 || root.text.trim() !== '') throw new Error('not one root');
  return only;
}

function readAttributes(text: string): Readonly<Record<string, string>> {
  const found = [...text.matchAll(new RegExp(`(${NAME})\\s*=\\s*"([^"]*)"`, 'g'))].map(
    // What is no reference is made a space by a parser.
    ([, name = '', value = '']) => [name, resolve(value.replace(/[\t\n\r]/g, ' '))] as const,
  );
  if (new Set(found.map(([name]) => name)).size < found.length) throw new Error(`an attribute twice: ${text}`);
  return Object.fromEntries(found);
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function resolve(text: string): string {
  return text.replace(/&([^;\s]*;?)/g, (_whole, written: string) => {
    const [, number, name] = /^(?:#(\d+)|(\w+));$/.exec(written) ?? [];
    const character = number === undefined ? NAMED[name ?? ''] : String.fromCodePoint(Number(number));
    if (character === undefined || NO_CHAR.test(character)) throw new Error(`not a reference: &${written}`);
    return character;
  });
}
