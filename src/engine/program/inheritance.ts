import type { Problems } from '../../core/diagnostic.ts';
import type { BecomeChoice } from '../../core/session.ts';
import type { Located } from '../../core/source.ts';
import type { Inherited, PassedVariables, Play, RoleUse } from '../../playbook/model.ts';
import { compileJson, compileTree } from '../../template/compile.ts';
import type { Expression } from '../../template/syntax/expression.ts';
import type { CompiledValue } from '../../template/template.ts';
import { compileExpressions, compileText, compileVars } from './compile-values.ts';
import type { CompiledVars } from './scope.ts';
import type { SettingLayers } from './settings.ts';

/** The settings that may be templates: they are rendered for each host. */
export type Settings = Pick<Inheritance, 'ignoreErrors' | 'checkMode' | 'diff' | 'timeout' | 'throttle'>;

const NOT_GIVEN: Settings = { ignoreErrors: [], checkMode: [], diff: [], timeout: [], throttle: [] };

/** Variables of roles and includes that take precedence over what tasks set (see `ScopeLayers.passed`), by what passes them. */
type PassedBy = Readonly<Record<PassedVariables['by'], CompiledVars>>;

/** What a play and its blocks pass on to their tasks. */
export interface Inheritance {
  readonly when: readonly Expression[];
  readonly tags: readonly string[];
  readonly vars: CompiledVars;
  readonly passedBy: PassedBy;
  /** Weaker than `vars`, and only those of the innermost role (see `varsOf`). */
  readonly roleVars: CompiledVars;
  /** Weaker than the inventory: the defaults of its role. */
  readonly defaults: CompiledVars;
  readonly become: BecomeChoice;
  readonly ignoreErrors: SettingLayers;
  readonly ignoreUnreachable: boolean;
  readonly noLog: boolean;
  /** The role that it belongs to. */
  readonly role: RoleUse | undefined;
  readonly delegateTo: CompiledValue | undefined;
  /** The environment of the task, outermost first: later values override earlier ones. */
  readonly environment: readonly CompiledValue[];
  readonly checkMode: SettingLayers;
  readonly diff: SettingLayers;
  readonly timeout: SettingLayers;
  readonly throttle: SettingLayers;
}

/** What the tasks of a play inherit. `tags` are separate: handlers are selected by notifications, so they inherit none. */
export function ofPlay(play: Play, tags: readonly string[], problems: Problems): Inheritance {
  const { become, environment, checkMode, diff, timeout, throttle } = play;
  const compiled = environment && compileTree(environment, problems);
  return {
    when: [],
    tags,
    vars: new Map(),
    passedBy: { role: new Map(), include: new Map() },
    roleVars: new Map(),
    defaults: new Map(),
    become: become?.value,
    ignoreUnreachable: play.ignoreUnreachable?.value ?? false,
    noLog: false,
    role: undefined,
    delegateTo: undefined,
    environment: compiled ? [compiled] : [],
    ...settings({ checkMode, diff, timeout, throttle }, NOT_GIVEN, problems),
  };
}

/** What holds in a part of a play, a block or a task: its own settings, and what it inherits. */
export function ofPart(part: Inherited, outer: Inheritance, problems: Problems): Inheritance {
  const environment = part.environment && compileTree(part.environment, problems);
  const vars = compileVars(part.vars, problems);
  return {
    when: [...outer.when, ...compileExpressions(part.when, problems)],
    tags: [...outer.tags, ...part.tags.map(({ value }) => value)],
    vars: new Map([...outer.vars, ...vars]),
    passedBy: part.passedVars ? withPassed(outer.passedBy, part.passedVars, vars) : outer.passedBy,
    roleVars: part.roleVars ? compileVars(part.roleVars, problems) : outer.roleVars,
    defaults: part.defaults ? compileVars(part.defaults, problems) : outer.defaults,
    become: part.become?.value ?? outer.become,
    ignoreUnreachable: part.ignoreUnreachable?.value ?? outer.ignoreUnreachable,
    noLog: part.noLog?.value ?? outer.noLog,
    role: part.role ?? outer.role,
    delegateTo: part.delegateTo ? compileText(part.delegateTo, problems) : outer.delegateTo,
    environment: environment ? [...outer.environment, environment] : outer.environment,
    ...settings(part, outer, problems),
  };
}

/** What the tasks of an include inherit: its variables, in addition to what it inherits itself. */
export function forInclude(outer: Inheritance, vars: CompiledVars): Inheritance {
  const { role, include } = outer.passedBy;
  return {
    ...outer,
    vars: new Map([...outer.vars, ...vars]),
    passedBy: { role, include: new Map([...include, ...vars]) },
  };
}

/** All variables that a task has from its role, blocks and includes. */
export function varsOf({ roleVars, vars }: Pick<Inheritance, 'roleVars' | 'vars'>): CompiledVars {
  return roleVars.size === 0 ? vars : new Map([...roleVars, ...vars]);
}

/** The inherited variables that take precedence over what tasks set. */
export function passedVarsOf({ passedBy: { role, include } }: Inheritance): CompiledVars {
  return role.size + include.size === 0 ? NONE : new Map([...role, ...include]);
}

const NONE: CompiledVars = new Map();

function withPassed(outer: PassedBy, { by, names }: PassedVariables, vars: CompiledVars): PassedBy {
  return { ...outer, [by]: new Map([...outer[by], ...[...vars].filter(([name]) => names.has(name))]) };
}

/** The settings of a block or a task: its own before inherited ones. */
function settings(
  own: Readonly<Partial<Record<keyof Settings, Located<boolean | number | string> | undefined>>>,
  outer: Settings,
  problems: Problems,
): Settings {
  const layers = (name: keyof Settings): SettingLayers => {
    const written = own[name];
    const compiled = written && compileJson(written.value, written.range, problems);
    return compiled ? [compiled, ...outer[name]] : outer[name];
  };
  return {
    ignoreErrors: layers('ignoreErrors'),
    checkMode: layers('checkMode'),
    diff: layers('diff'),
    timeout: layers('timeout'),
    throttle: layers('throttle'),
  };
}
