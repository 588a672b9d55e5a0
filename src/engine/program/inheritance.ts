import type { Problems } from '../../core/diagnostic.ts';
import type { BlockTask, Play, RoleUse } from '../../playbook/model.ts';
import { compileTree } from '../../template/compile.ts';
import type { Expression } from '../../template/expression.ts';
import type { CompiledValue } from '../../template/template.ts';
import type { Become } from '../hosts/host-sessions.ts';
import { compileExpressions, compileText, compileVars } from './compile-values.ts';
import type { CompiledVars } from './scope.ts';

/** What a task has from its play and from the blocks around it, where it does not say otherwise itself. */
export interface Inheritance {
  readonly when: readonly Expression[];
  readonly tags: readonly string[];
  readonly vars: CompiledVars;
  /** Weaker than what the inventory says: the defaults of the role that it stands in. */
  readonly defaults: CompiledVars;
  readonly become: Become;
  readonly ignoreErrors: boolean;
  readonly noLog: boolean;
  /** The role that it stands in. */
  readonly role: RoleUse | undefined;
  readonly delegateTo: CompiledValue | undefined;
  /** Variables of the environment for what the task runs, the outermost first: what comes later wins. */
  readonly environment: readonly CompiledValue[];
}

/** What the tasks of a play have from it. Handlers are chosen by who notifies them, and have no tags of it. */
export function ofPlay({ become, environment }: Play, tags: readonly string[], problems: Problems): Inheritance {
  const compiled = environment && compileTree(environment, problems);
  return {
    when: [],
    tags,
    vars: new Map(),
    defaults: new Map(),
    become: become?.value,
    ignoreErrors: false,
    noLog: false,
    role: undefined,
    delegateTo: undefined,
    environment: compiled ? [compiled] : [],
  };
}

/** What the tasks of a block have. */
export function ofBlock(block: BlockTask, outer: Inheritance, problems: Problems): Inheritance {
  const environment = block.environment && compileTree(block.environment, problems);
  return {
    when: [...outer.when, ...compileExpressions(block.when, problems)],
    tags: [...outer.tags, ...block.tags.map(({ value }) => value)],
    vars: new Map([...outer.vars, ...compileVars(block.vars, problems)]),
    defaults: block.defaults ? compileVars(block.defaults, problems) : outer.defaults,
    become: block.become?.value ?? outer.become,
    ignoreErrors: block.ignoreErrors?.value ?? outer.ignoreErrors,
    noLog: block.noLog?.value ?? outer.noLog,
    role: block.role ?? outer.role,
    delegateTo: block.delegateTo ? compileText(block.delegateTo, problems) : outer.delegateTo,
    environment: environment ? [...outer.environment, environment] : outer.environment,
  };
}
