import type { Problems } from '../../core/diagnostic.ts';
import type { Host } from '../../core/host.ts';
import type { Json } from '../../core/json.ts';
import { RESERVED_IN_INVENTORY } from '../../core/reserved-variables.ts';
import type { Located } from '../../core/source.ts';
import type { Unknown } from '../../core/world.ts';
import { compileJson } from '../../template/compile.ts';
import { TemplateError } from '../../template/errors.ts';
import { render } from '../../template/evaluation/render.ts';
import type { Compared, Scope } from '../../template/scope.ts';
import type { CompiledValue } from '../../template/template.ts';
import { IncludedVariable } from './included-variable.ts';
import type { VariableWatch } from './variable-watch.ts';

/** Variables from one source, including templates. */
export type CompiledVars = ReadonlyMap<string, CompiledValue>;

/** The sources of variables, from strongest to weakest, in Ansible's order. */
export interface ScopeLayers {
  /** The entry of a loop and its other variables. */
  readonly loop?: ReadonlyMap<string, Json>;
  /** `-e` */
  readonly extra: CompiledVars;
  /** Variables of includes, and parameters of roles. */
  readonly passed?: CompiledVars;
  /** What tasks have set so far. */
  readonly registered: ReadonlyMap<string, Json | Unknown | IncludedVariable>;
  /** Given if tasks may have set any variable: a name that no stronger source defines is then unknown. */
  readonly open?: Unknown;
  readonly task: CompiledVars;
  readonly play: CompiledVars;
  readonly host: CompiledVars;
  /** The defaults of a role, and below them those that all roles of the play show. */
  readonly defaults?: CompiledVars;
  readonly playDefaults?: CompiledVars;
  /** Variables that Ansible always defines: `inventory_hostname`, `groups`. */
  readonly magic: () => ReadonlyMap<string, () => Json>;
  readonly watch?: VariableWatch | undefined;
  /** What to do about a missing variable. */
  readonly hintFor?: (name: string) => string | undefined;
}

/** Variables that refer to one another in a row; longer chains would exhaust the stack. */
const MAX_CHAIN = 500;

const HOST_NAMES: ReadonlySet<string> = new Set(['inventory_hostname', 'inventory_hostname_short']);

/** The variables that one task sees on one host. A template is rendered when its value is first read. */
export class HostScope implements Scope {
  readonly #layers: ScopeLayers;
  readonly #values = new Map<string, Json | Unknown>();
  readonly #open = new Set<string>();
  /** Variables that were only read as part of a text so far: a full read still has to be recorded. */
  readonly #shown = new Set<string>();
  #magic: ReadonlyMap<string, () => Json> | undefined;
  #forAnyWord: Scope | undefined;

  constructor(layers: ScopeLayers) {
    this.#layers = layers;
  }

  get(name: string): Json | Unknown | undefined {
    const known = this.#values.get(name);
    if (known !== undefined && !this.#shown.has(name)) return known;
    const value = this.#find(name, this);
    if (value !== undefined) this.#values.set(name, value);
    this.#shown.delete(name);
    return value;
  }

  compare(name: string): Compared | undefined {
    const { loop, extra, passed, watch } = this.#layers;
    if (!watch || loop?.has(name) || extra.has(name) || passed?.has(name)) return undefined;
    const text = this.#plain(name);
    return typeof text === 'string' ? { text, among: (texts) => watch.compared(name, texts) } : undefined;
  }

  /** A variable as written, if it comes from a file or the command line. */
  definitionOf(name: string): CompiledValue | undefined {
    const { extra, passed, task, play, host, defaults, playDefaults } = this.#layers;
    return [extra, passed, task, play, host, defaults, playDefaults]
      .map((layer) => layer?.get(name))
      .find((value) => value !== undefined);
  }

  /** Given if a name that it does not know may be that of a variable all the same. */
  get open(): Unknown | undefined {
    return this.#layers.open;
  }

  /** The same variables; what is read of them decides nothing. */
  get unwatched(): HostScope {
    return new HostScope({ ...this.#layers, watch: undefined });
  }

  /** The same variables, for a parameter that accepts names and numbers alike. */
  get forAnyWord(): Scope {
    if (!this.#layers.watch) return this;
    this.#forAnyWord ??= this.#makeForAnyWord();
    return this.#forAnyWord;
  }

  #makeForAnyWord(): Scope {
    const common = { names: () => this.names(), hintFor: (name: string) => this.hintFor(name) };
    const inTexts: Scope = { ...common, get: (name) => this.#inText(name, forAnyWord) };
    const forAnyWord: Scope = { ...common, get: (name) => this.get(name), inTexts };
    return forAnyWord;
  }

  #inText(name: string, scope: Scope): Json | Unknown | undefined {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const value = this.#find(name, scope);
    if (value === undefined) return undefined;
    this.#values.set(name, value);
    this.#shown.add(name);
    return value;
  }

  hintFor(name: string): string | undefined {
    return this.#layers.hintFor?.(name);
  }

  *names(): Iterable<string> {
    const { loop, extra, passed, registered, task, play, host, defaults, playDefaults } = this.#layers;
    for (const layer of [loop, extra, passed, registered, task, play, host, defaults, playDefaults, this.#always])
      if (layer) yield* layer.keys();
  }

  /** @param within the scope in which its templates are rendered */
  #find(name: string, within: Scope): Json | Unknown | undefined {
    const { loop, extra, passed, registered, task, play, host, defaults, playDefaults, open, watch } = this.#layers;
    const ofLoop = loop?.get(name);
    if (ofLoop !== undefined) return ofLoop;
    const overriding = extra.get(name) ?? passed?.get(name);
    if (overriding) return this.#render(name, overriding, within);
    watch?.read(name, within === this ? 'value' : 'kind');
    const plain = registered.get(name);
    if (plain instanceof IncludedVariable) return this.#render(name, plain.value, within);
    if (plain !== undefined) return plain;
    if (open && !this.#always.has(name)) return open;
    const value = task.get(name) ?? play.get(name) ?? host.get(name) ?? defaults?.get(name) ?? playDefaults?.get(name);
    return value ? this.#render(name, value, within) : this.#always.get(name)?.();
  }

  /** The value of a variable that is no template, and does not depend on other hosts. */
  #plain(name: string): Json | Unknown | IncludedVariable | undefined {
    const { registered, open, task, play, host, defaults, playDefaults } = this.#layers;
    const isName = HOST_NAMES.has(name);
    const set = registered.get(name) ?? (isName ? undefined : open);
    if (set !== undefined) return set;
    const value = task.get(name) ?? play.get(name) ?? host.get(name) ?? defaults?.get(name) ?? playDefaults?.get(name);
    if (value) return value.kind === 'constant' ? value.value : undefined;
    return isName ? this.#always.get(name)?.() : undefined;
  }

  /** Created on first use: most scopes never need it. */
  get #always(): ReadonlyMap<string, () => Json> {
    this.#magic ??= this.#layers.magic();
    return this.#magic;
  }

  #render(name: string, value: CompiledValue, within: Scope): Json {
    if (value.kind === 'constant') return value.value;
    if (this.#open.has(name) || this.#open.size >= MAX_CHAIN) {
      const range = value.kind === 'expression' ? value.expression.range : value.range;
      const message = this.#open.has(name)
        ? `the variable ${name} refers to itself`
        : `the variable ${name} is at the end of a chain of more than ${MAX_CHAIN} variables`;
      throw new TemplateError(message, range);
    }
    this.#open.add(name);
    try {
      return render(value, within);
    } finally {
      this.#open.delete(name);
    }
  }
}

/** Compiles the variables of hosts; values that several hosts inherit from a group are compiled once. */
export class VariableCompiler {
  readonly #problems: Problems;
  readonly #compiled = new Map<Located<Json>, CompiledValue | undefined>();

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  hostVars(host: Host): CompiledVars {
    const vars = new Map<string, CompiledValue>();
    for (const [name, located] of host.vars) {
      if (RESERVED_IN_INVENTORY.has(name)) continue;
      if (!this.#compiled.has(located))
        this.#compiled.set(located, compileJson(located.value, located.range, this.#problems));
      const value = this.#compiled.get(located);
      if (value) vars.set(name, value);
    }
    return vars;
  }
}

/** The value of `omit`: a text that nobody would write. */
export const OMIT = '__omit_place_holder__kplay';
