import type { Problems } from '../../core/diagnostic.ts';
import type { JsonSchemaObject } from '../../core/schema.ts';
import { commandWords, splitWords } from '../../core/words.ts';
import type { CompiledValue, Template } from '../../template/template.ts';

/** Stands for what a template yields: no blank or quote, and nothing that belongs to the name of a variable. */
const YIELDED = '\ufffc';

/**
 * Reports command lines with templates whose other parts need a shell. A line without templates is checked as it is written, and
 * what templates make of one when they have been rendered.
 */
export function checkCommandLines(params: CompiledValue, { properties }: JsonSchemaObject, problems: Problems): void {
  if (params.kind !== 'mapping') return;
  for (const [name, value] of params.entries) {
    const withShell = properties[name]?.['x-command-line'];
    if (withShell === undefined || value.kind !== 'text') continue;
    const text = literalText(value);
    // A template may yield the missing quote.
    if (splitWords(text) === undefined) continue;
    const found = commandWords(text, withShell);
    if ('reason' in found) problems.error(found.reason, value.range, found.remedy);
  }
}

function literalText({ parts }: Template & { readonly kind: 'text' }): string {
  return parts.map((part) => (typeof part === 'string' ? part : YIELDED)).join('');
}
