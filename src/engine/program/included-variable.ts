import type { CompiledValue } from '../../template/template.ts';

/** A variable of a file that a task has included: its templates are expanded where it is used. */
export class IncludedVariable {
  readonly value: CompiledValue;

  constructor(value: CompiledValue) {
    this.value = value;
  }
}
