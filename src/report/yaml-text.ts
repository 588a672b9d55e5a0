import { Document, Scalar, visit } from 'yaml';

/**
 * Characters that YAML would show as they are, and terminals or the log of a job obey; line feeds stand only where YAML itself has
 * put them.
 */
const TERMINAL_CONTROLS = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|#(?=#\w*\[)/gu;

/** A value as YAML that parsers of YAML 1.1 and of 1.2 read alike, safe to look at. With a final newline. */
export function yamlText(value: unknown): string {
  const tree = new Document(value, { version: '1.1', aliasDuplicateObjects: false });
  visit(tree, {
    Scalar: (_key, node) => {
      // Only there a character can be written out.
      if (typeof node.value === 'string' && node.value.search(TERMINAL_CONTROLS) >= 0) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  tree.directives = undefined;
  return tree.toString({ lineWidth: 0, blockQuote: false }).replace(TERMINAL_CONTROLS, escaped);
}

function escaped(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
}
