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

/** What the templates of a play see besides its own variables. */
export interface Surroundings {
  /** `-e` */
  readonly extra: CompiledVars;
  /** Where each of these is written. */
  readonly extraPlaces?: ReadonlyMap<string, SourceRange>;
  /** `groups`: every group with its hosts. */
  readonly groups: Json;
  /** Every host of the inventory, those among them that no play is for. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** What localhost and its kin mean where the inventory has no host of the name. */
  readonly localhosts: ReadonlyMap<string, Host>;
  /** What tasks have included. */
  readonly variableFiles: VariableFiles;
  readonly compileHost: (host: Host) => CompiledHost;
  /** `ansible_run_tags` and `ansible_skip_tags`. */
  readonly tags: TagSelection;
  /** Checks rendered parameters against the step's schema and fills in defaults. */
  readonly complete: (step: string, params: JsonObject) => CompletedParams;
  /** For whoever has to know what a task depends on. */
  readonly watch?: VariableWatch;
}

export type CompletedParams =
  | { readonly params: JsonObject }
  | {
      readonly problems: readonly string[];
      /** Of which parameter each is. */
      readonly parameters?: readonly string[];
      /** What to do about them. */
      readonly hint?: string;
    };

/** What tasks have set on a host; what only the run tells is unknown. */
export type Registered = ReadonlyMap<string, Json | Unknown | IncludedVariable>;

/** In the place of a name: only the run tells which further variables there are, and which others they stand before. */
export const ANY_NAME = '';

/** The other hosts, as a template sees them at one point of a play. */
export interface Fleet {
  /** Hosts of the play that have not dropped out of it. */
  readonly live: readonly string[];
  /** Those of them that go together with a host. */
  batchOf(host: string): readonly string[];
  /** What a host has registered so far, in this play or one before. */
  registered(host: string): Registered | undefined;
}

/** A host with the variables that are seen there. */
export interface HostPlace {
  readonly play: CompiledPlay;
  readonly host: CompiledHost;
  readonly registered: Registered;
  readonly surroundings: Surroundings;
  readonly fleet: Fleet;
}

/** A task of one host with the variables that it sees there. */
export interface TaskPlace extends HostPlace {
  readonly task: CompiledTask;
}
