import { escapeControls } from './escape.ts';

/** An element of an XML document, with attributes in their order and children. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: XmlAttributes;
  readonly children: readonly (XmlElement | string)[];
}

/** Undefined attributes are left out. Names are the program's own; values may come from anywhere. */
export type XmlAttributes = Readonly<Record<string, string | number | undefined>>;

/** An element; without children it is empty. */
export function xml(
  name: string,
  attributes: XmlAttributes,
  children: readonly (XmlElement | string)[] = [],
): XmlElement {
  return { name, attributes, children };
}

/**
 * The document in pieces, with a declaration, one element per line, and a final newline. The children of its root are requested while it is
 * written.
 */
export function* xmlDocument(
  name: string,
  attributes: XmlAttributes,
  children: Iterable<XmlElement>,
): Iterable<string> {
  yield `<?xml version="1.0" encoding="UTF-8"?>\n${startOf(name, attributes)}`;
  let isEmpty = true;
  for (const child of children) {
    yield `${isEmpty ? '>' : ''}\n${elementLines(child, '  ')}`;
    isEmpty = false;
  }
  yield isEmpty ? '/>\n' : `\n</${name}>\n`;
}

function startOf(name: string, attributes: XmlAttributes): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${xmlAttribute(String(value))}"`],
  );
  return `<${name}${written.join('')}`;
}

function elementLines({ name, attributes, children }: XmlElement, indent: string): string {
  const start = `${indent}${startOf(name, attributes)}`;
  if (children.length === 0) return `${start}/>`;
  // Whitespace is significant next to text, so nothing is inserted.
  if (children.some((child) => typeof child === 'string')) {
    const inside = children.map((child) => (typeof child === 'string' ? xmlText(child) : elementLines(child, '')));
    return `${start}>${inside.join('')}</${name}>`;
  }
  const lines = children.flatMap((child) => (typeof child === 'string' ? [] : [elementLines(child, `${indent}  `)]));
  return `${start}>\n${lines.join('\n')}\n${indent}</${name}>`;
}

const REFERENCES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
  ['\n', '&#10;'],
  ['\t', '&#9;'],
]);

/**
 * Escapes any text for the content of an element. Characters that XML 1.0 does not allow (controls, lone surrogates) or that change what is
 * read (bidi overrides) are written out, as on a terminal: `\x1b`. Newlines are kept.
 */
function xmlText(text: string): string {
  return holdable(text).replace(/[&<>]/g, reference);
}

/** The same for an attribute, where a parser would turn newlines and tabs into spaces unless they are character references. */
function xmlAttribute(text: string): string {
  return holdable(text).replace(/[&<>"'\n\t]/g, reference);
}

/** https://www.w3.org/TR/xml/#charsets: a character outside Char is not allowed even as a reference. */
function holdable(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .split(/([\n\t])/)
    .map((part) => (part === '\n' || part === '\t' ? part : escapeControls(part)))
    .join('')
    .replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}

/** A reference for a character with a meaning in markup. */
export function reference(character: string): string {
  return REFERENCES.get(character) ?? character;
}
