import { jsonText } from './json-text.ts';

/** What `-o` gives programs to read: one document with the same content. */
export const DOCUMENTS = ['json', 'yaml'] as const;

export type DocumentKind = (typeof DOCUMENTS)[number];

/** Whether `-o` asks for a document. */
export function isDocument(output: string): output is DocumentKind {
  return DOCUMENTS.some((kind) => kind === output);
}

/** A value as such a document, with a final newline. */
export async function documentText(kind: DocumentKind, value: unknown): Promise<string> {
  if (kind === 'json') return `${jsonText(value, 2)}\n`;
  return (await import('./yaml-text.ts')).yamlText(value);
}
