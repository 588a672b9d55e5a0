import { jsonText } from './json-text.ts';

/** The formats of `-o` for programs, with the same content. */
export const DOCUMENTS = ['json', 'yaml'] as const;

export type DocumentKind = (typeof DOCUMENTS)[number];

/** Whether `-o` selects one of these formats. */
export function isDocument(output: string): output is DocumentKind {
  return DOCUMENTS.some((kind) => kind === output);
}

/** A value as such a document, with a final newline. */
export async function documentText(kind: DocumentKind, value: unknown): Promise<string> {
  if (kind === 'json') return `${jsonText(value, 2)}\n`;
  return (await import('./yaml-text.ts')).yamlText(value);
}
