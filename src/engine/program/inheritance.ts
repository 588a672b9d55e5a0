import type { Problems } from '../../core/diagnostic.ts';
import type { Located } from '../../core/source.ts';
import type { HandedOn, Inherited, Play, RoleUse } from '../../playbook/model.ts';
import { compileJson, compileTree } from '../../template/compile.ts';
import type { Expression } from '../../template/expression.ts';
import type { CompiledValue } from '../../template/template.ts';
import type { Become } from '../hosts/host-sessions.ts';
import { compileExpressions, compileText, compileVars } from './compile-values.ts';
import type { CompiledVars } from './scope.ts';
import type { Said } from './settings.ts';

export type Settings = Pick<Inheritance, 'checkMode' | 'diff' | 'timeout' | 'throttle'>;

const NOTHING_SAID: Settings = { checkMode: [], diff: [], timeout: [], throttle: [] };

/** Variables that are handed on, by what hands them on. */
export type Handed = Readonly<Record<HandedOn['by'], CompiledVars>>;

/** What a task has from its play and from the blocks around it, where it does not say otherwise itself. */
export interface Inheritance {
  readonly when: readonly Expression[];
  readonly tags: readonly string[];
  readonly vars: CompiledVars;
  readonly handedOn: Handed;
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
  readonly checkMode: Said;
  readonly diff: Said;
  readonly timeout: Said;
  readonly throttle: Said;
}

/** What the tasks of a play have from it. Handlers are chosen by who notifies them, and have no tags of it. */
export function ofPlay(play: Play, tags: readonly string[], problems: Problems): Inheritance {
  const { become, environment, checkMode, diff, timeout, throttle } = play;
  const compiled = environment && compileTree(environment, problems);
  return {
    when: [],
    tags,
    vars: new Map(),
    handedOn: { role: new Map(), include: new Map() },
    defaults: new Map(),
    become: become?.value,
    ignoreErrors: false,
    noLog: false,
    role: undefined,
    delegateTo: undefined,
    environment: compiled ? [compiled] : [],
    ...settings({ checkMode, diff, timeout, throttle }, NOTHING_SAID, problems),
  };
}

/** What the tasks of a block have. */
export function ofBlock(block: Inherited, outer: Inheritance, problems: Problems): Inheritance {
  const environment = block.environment && compileTree(block.environment, problems);
  const vars = compileVars(block.vars, problems);
  return {
    when: [...outer.when, ...compileExpressions(block.when, problems)],
    tags: [...outer.tags, ...block.tags.map(({ value }) => value)],
    vars: new Map([...outer.vars, ...vars]),
    handedOn: block.handsOn ? handingOn(outer.handedOn, block.handsOn, vars) : outer.handedOn,
    defaults: block.defaults ? compileVars(block.defaults, problems) : outer.defaults,
    become: block.become?.value ?? outer.become,
    ignoreErrors: block.ignoreErrors?.value ?? outer.ignoreErrors,
    noLog: block.noLog?.value ?? outer.noLog,
    role: block.role ?? outer.role,
    delegateTo: block.delegateTo ? compileText(block.delegateTo, problems) : outer.delegateTo,
    environment: environment ? [...outer.environment, environment] : outer.environment,
    ...settings(block, outer, problems),
  };
}

/** What an include hands on to all that it includes, besides what it has been handed itself. */
export function including(outer: Inheritance, vars: CompiledVars): Inheritance {
  const { role, include } = outer.handedOn;
  return {
    ...outer,
    vars: new Map([...outer.vars, ...vars]),
    handedOn: { role, include: new Map([...include, ...vars]) },
  };
}

/** Those of the variables of a task that stand before what tasks set. */
export function handedTo({ handedOn: { role, include } }: Inheritance): CompiledVars {
  return role.size + include.size === 0 ? NONE : new Map([...role, ...include]);
}

const NONE: CompiledVars = new Map();

function handingOn(outer: Handed, { by, names }: HandedOn, vars: CompiledVars): Handed {
  return { ...outer, [by]: new Map([...outer[by], ...[...vars].filter(([name]) => names.has(name))]) };
}

/** What a block or a task says itself, before what is said around it. */
export function settings(
  own: Readonly<Partial<Record<keyof Settings, Located<boolean | number | string> | undefined>>>,
  outer: Settings,
  problems: Problems,
): Settings {
  const said = (name: keyof Settings): Said => {
    const written = own[name];
    const compiled = written && compileJson(written.value, written.range, problems);
    return compiled ? [compiled, ...outer[name]] : outer[name];
  };
  return { checkMode: said('checkMode'), diff: said('diff'), timeout: said('timeout'), throttle: said('throttle') };
}
