import type { Problems } from '../../core/diagnostic.ts';
import type { Become } from '../../core/session.ts';
import type { Located } from '../../core/source.ts';
import type { HandedOn, Inherited, Play, RoleUse } from '../../playbook/model.ts';
import { compileJson, compileTree } from '../../template/compile.ts';
import type { Expression } from '../../template/syntax/expression.ts';
import type { CompiledValue } from '../../template/template.ts';
import { compileExpressions, compileText, compileVars } from './compile-values.ts';
import type { CompiledVars } from './scope.ts';
import type { SettingLayers } from './settings.ts';

/** The settings that a template may give: they are rendered for each host. */
export type Settings = Pick<Inheritance, 'checkMode' | 'diff' | 'timeout' | 'throttle'>;

const NOT_GIVEN: Settings = { checkMode: [], diff: [], timeout: [], throttle: [] };

/** Variables of roles and of includes that are stronger than what tasks set (see `ScopeLayers.given`). */
export type Handed = Readonly<Record<HandedOn['by'], CompiledVars>>;

/** What a task inherits from its play and the blocks around it. */
export interface Inheritance {
  readonly when: readonly Expression[];
  readonly tags: readonly string[];
  readonly vars: CompiledVars;
  readonly handedOn: Handed;
  /** Weaker than what the inventory says: the defaults of the role that it stands in. */
  readonly defaults: CompiledVars;
  readonly become: Become;
  readonly ignoreErrors: boolean;
  readonly ignoreUnreachable: boolean;
  readonly noLog: boolean;
  /** The role that it stands in. */
  readonly role: RoleUse | undefined;
  readonly delegateTo: CompiledValue | undefined;
  /** Variables of the environment for what the task runs, the outermost first: what comes later wins. */
  readonly environment: readonly CompiledValue[];
  readonly checkMode: SettingLayers;
  readonly diff: SettingLayers;
  readonly timeout: SettingLayers;
  readonly throttle: SettingLayers;
}

/** What the tasks of a play inherit. `tags` are given apart: handlers are chosen by who notifies them, so they inherit none. */
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
    ignoreUnreachable: play.ignoreUnreachable?.value ?? false,
    noLog: false,
    role: undefined,
    delegateTo: undefined,
    environment: compiled ? [compiled] : [],
    ...settings({ checkMode, diff, timeout, throttle }, NOT_GIVEN, problems),
  };
}

/** What the tasks of a block inherit. */
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
    ignoreUnreachable: block.ignoreUnreachable?.value ?? outer.ignoreUnreachable,
    noLog: block.noLog?.value ?? outer.noLog,
    role: block.role ?? outer.role,
    delegateTo: block.delegateTo ? compileText(block.delegateTo, problems) : outer.delegateTo,
    environment: environment ? [...outer.environment, environment] : outer.environment,
    ...settings(block, outer, problems),
  };
}

/** What the tasks of an include inherit: its variables, besides what it inherits itself. */
export function including(outer: Inheritance, vars: CompiledVars): Inheritance {
  const { role, include } = outer.handedOn;
  return {
    ...outer,
    vars: new Map([...outer.vars, ...vars]),
    handedOn: { role, include: new Map([...include, ...vars]) },
  };
}

/** The inherited variables that are stronger than what tasks set. */
export function handedTo({ handedOn: { role, include } }: Inheritance): CompiledVars {
  return role.size + include.size === 0 ? NONE : new Map([...role, ...include]);
}

const NONE: CompiledVars = new Map();

function handingOn(outer: Handed, { by, names }: HandedOn, vars: CompiledVars): Handed {
  return { ...outer, [by]: new Map([...outer[by], ...[...vars].filter(([name]) => names.has(name))]) };
}

/** The settings of a block or a task: its own, in front of those that it inherits. */
export function settings(
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
    checkMode: layers('checkMode'),
    diff: layers('diff'),
    timeout: layers('timeout'),
    throttle: layers('throttle'),
  };
}
