import type { CompiledValue } from '../template.ts';
import { type Expression, partsOf } from './expression.ts';

/** The variables used by an expression or value, by name. */
export interface References {
  /** Variables without which it has no value. */
  readonly required: ReadonlySet<string>;
  /** Variables that it tests with `is defined` or gives a `default`, anywhere: it handles their absence itself. */
  readonly optional: ReadonlySet<string>;
}

/** The variables used by an expression, a template or a compiled value. */
export function references(subject: CompiledValue | Expression): References {
  const used = new Set<string>();
  const optional = new Set<string>();
  for (const expression of expressionsOf(subject)) collect(expression, used, optional);
  return { required: new Set([...used].filter((name) => !optional.has(name))), optional };
}

/** The expressions in a value. */
export function expressionsOf(subject: CompiledValue | Expression): readonly Expression[] {
  switch (subject.kind) {
    case 'constant':
      return [];
    case 'text':
      return subject.parts.filter((part) => typeof part !== 'string');
    case 'expression':
      return [subject.expression];
    case 'sequence':
      return subject.items.flatMap(expressionsOf);
    case 'mapping':
      return subject.entries.flatMap(([, value]) => expressionsOf(value));
    default:
      return [subject];
  }
}

function collect(expression: Expression, used: Set<string>, optional: Set<string>): void {
  if (expression.kind === 'name') used.add(expression.name);
  if (expression.kind === 'defined' || expression.kind === 'default') {
    const name = rootName(expression.subject);
    if (name !== undefined) optional.add(name);
  }
  for (const part of partsOf(expression)) collect(part, used, optional);
}

/** The variable at the beginning of a chain of attributes. */
function rootName(expression: Expression): string | undefined {
  if (expression.kind === 'name') return expression.name;
  return expression.kind === 'item' ? rootName(expression.subject) : undefined;
}
