import type { Host } from '../../core/host.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { SourceRange } from '../../core/source.ts';
import type { Unknown } from '../../core/world.ts';
import type { CompiledHost, CompiledPlay, CompiledTask } from './compiled.ts';
import type { IncludedVariable } from './included-variable.ts';
import type { CompiledVars } from './scope.ts';
import type { TagSelection } from './tags.ts';
import type { VariableFiles } from './variable-files.ts';
import type { VariableWatch } from './variable-watch.ts';

/** The context of all templates in a run, whatever their play. */
export interface Surroundings {
  /** `-e` */
  readonly extra: CompiledVars;
  /** Where each `-e` variable is written. */
  readonly extraPlaces?: ReadonlyMap<string, SourceRange>;
  /** `groups`: every group with its hosts. */
  readonly groups: Json;
  /** Every host of the inventory, whether in a play or not. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** The implicit hosts such as `localhost`, for inventories that do not define them. */
  readonly localhosts: ReadonlyMap<string, Host>;
  /** The files of variables that tasks include. */
  readonly variableFiles: VariableFiles;
  readonly compileHost: (host: Host) => CompiledHost;
  /** `ansible_run_tags` and `ansible_skip_tags`. */
  readonly tags: TagSelection;
  /** Checks rendered parameters against the step's schema and fills in defaults. */
  readonly complete: (step: string, params: JsonObject) => CompletedParams;
  /** Records every variable that is read, to find out what a task depends on. */
  readonly watch?: VariableWatch;
}

/** Parameters with their defaults, or what is wrong with them. */
export type CompletedParams = { readonly params: JsonObject } | { readonly problems: readonly WrongParameter[] };

/** What is wrong with a parameter. */
export interface WrongParameter {
  readonly message: string;
  /** Its name; empty for several. */
  readonly parameter: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** The variables that tasks have set on a host (`register`, `set_fact`, `include_vars`); unknown if only the run can tell. */
export type Registered = ReadonlyMap<string, Json | Unknown | IncludedVariable>;

/** A name in `Registered` that stands for all names: a task may have set any variable, and only the run can tell which. */
export const ANY_NAME = '';

/** The hosts of a play at one point, as templates see them. */
export interface PlayHosts {
  /** Hosts of the play that have not dropped out of it. */
  readonly live: readonly string[];
  /** Those of them in the batch of a host. */
  batchOf(host: string): readonly string[];
  /** The variables that tasks have set on a host so far, in this play or an earlier one. */
  registered(host: string): Registered | undefined;
}

/** A host at one point of a play: where a template is rendered. */
export interface HostPlace {
  readonly play: CompiledPlay;
  readonly host: CompiledHost;
  readonly registered: Registered;
  readonly surroundings: Surroundings;
  readonly playHosts: PlayHosts;
}

/** A task on a host at one point of a play. */
export interface TaskPlace extends HostPlace {
  readonly task: CompiledTask;
}
