import { Document, Scalar, visit } from 'yaml';

/**
 * Characters that YAML would leave unescaped and that terminals or logs of jobs obey; newlines only occur where YAML itself has put them.
 */
const TERMINAL_CONTROLS = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|#(?=#\w*\[)/gu;

/** A value as YAML that YAML 1.1 and 1.2 parsers read alike, safe to print. With a final newline. */
export function yamlText(value: unknown): string {
  const tree = new Document(value, { version: '1.1', aliasDuplicateObjects: false });
  visit(tree, {
    Scalar: (_key, node) => {
      // Only double-quoted scalars can contain escapes.
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
