import type { CompiledValue } from '../../template/template.ts';

/** A variable from a file that a task has included: its templates are rendered where it is used. */
export class IncludedVariable {
  readonly value: CompiledValue;

  constructor(value: CompiledValue) {
    this.value = value;
  }
}
