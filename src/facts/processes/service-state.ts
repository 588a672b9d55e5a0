import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import { Unknown, type World } from '../../core/world.ts';

export interface ServiceState {
  /** Why systemd tells nothing: it is not installed or not running. The other fields are then false. */
  readonly problem?: string;
  readonly exists: boolean;
  readonly running: boolean;
  readonly enabled: boolean;
  /** Why systemd cannot use its file. */
  readonly loadError?: string;
  /** It cannot be started or enabled, though it may still run. */
  readonly isMasked?: true;
  /** Only what other units say decides whether it starts at boot: enabling and disabling it change nothing. */
  readonly isFixed?: true;
  /** Enabling it enables other units in its place. Some versions of systemd do not tell that they are enabled. */
  readonly isIndirect?: true;
  /** Its file has changed since systemd read it. */
  readonly isOutdated?: true;
  /** It is being stopped, and has not ended yet. */
  readonly isStopping?: true;
  /** Nothing is running when `start` returns: a job that ends (oneshot without RemainAfterExit). */
  readonly isJob?: true;
  /** The name that systemd has for it; what it is asked by may be another. */
  readonly id?: string;
  /** The units that may stop when it is stopped, by such names. */
  readonly stops?: readonly string[];
  /** Those that may start when it is started. */
  readonly starts?: readonly string[];
  /** Those that stop when it is started. */
  readonly conflicts?: readonly string[];
}

const STOPS = ['RequiredBy', 'RequisiteOf', 'BoundBy', 'ConsistsOf', 'PropagatesStopTo'];
const STARTS = ['Requires', 'Wants', 'BindsTo', 'Upholds'];
const CONFLICTS = ['Conflicts', 'ConflictedBy'];
const OWN = [
  'Id',
  'LoadState',
  'LoadError',
  'ActiveState',
  'UnitFileState',
  'Type',
  'RemainAfterExit',
  'NeedDaemonReload',
];
const PROPERTIES = [...OWN, ...STOPS, ...STARTS, ...CONFLICTS].join(',');

/** States of unit files for which systemd's `is-enabled` says yes although nothing enables them: there is no [Install]. */
const FIXED = new Set(['static', 'generated', 'transient']);

const ERRORS = new Set(['bad-setting', 'error']);

/** @param text `org.freedesktop.systemd1.BadUnitSetting "Unit x.service has a bad unit file setting."` */
function errorIn(text: string): string {
  return /"(.*)"$/.exec(text)?.[1] ?? text;
}

const serviceFact: Fact<{ readonly name: string }, ServiceState> = {
  name: 'service_state',
  summary: 'whether a service runs and is enabled',
  probe: ({ name }) => ({
    script: sh`s=$(tool systemctl) || { echo 'there is no systemctl on the host' >&2; exit 1; }
shown=$("$s" show --property=${PROPERTIES} ${name}) || exit
printf '%s\n' "$shown"
# Only this tells of a script in /etc/init.d, and of a unit that enables others in its place: by listing their links.
case $shown in
  *UnitFileState=generated* | *UnitFileState=indirect*)
    set -- $("$s" is-enabled -l ${name} 2>/dev/null)
    [ "\${1-}" != indirect ] || [ $# = 1 ] || set -- enabled
    printf 'IsEnabled=%s\n' "\${1-}"
    ;;
esac
`,
  }),
  parse({ stdout, stderr, exitCode }) {
    if (exitCode !== 0) {
      const problem = stderr.trim().split('\n').at(-1) || `systemctl ended with ${exitCode}`;
      return { problem, exists: false, running: false, enabled: false };
    }
    const value = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
    const units = (keys: readonly string[]) =>
      keys.flatMap((key) => value(key).split(' ')).filter((unit) => unit !== '');
    const id = value('Id');
    const [stops, starts, conflicts] = [units(STOPS), units(STARTS), units(CONFLICTS)];
    const fileState = value('IsEnabled') || value('UnitFileState');
    const isFixed = FIXED.has(fileState);
    return {
      ...(id !== '' && { id }),
      ...(value('Type') === 'oneshot' && value('RemainAfterExit') === 'no' && { isJob: true }),
      ...(stops.length > 0 && { stops }),
      ...(starts.length > 0 && { starts }),
      ...(conflicts.length > 0 && { conflicts }),
      exists: value('LoadState') !== 'not-found',
      ...(value('LoadState') === 'masked' && { isMasked: true }),
      ...(ERRORS.has(value('LoadState')) && { loadError: errorIn(value('LoadError')) }),
      running: ['active', 'activating', 'reloading'].includes(value('ActiveState')),
      ...(value('NeedDaemonReload') === 'yes' && { isOutdated: true }),
      ...(value('ActiveState') === 'deactivating' && { isStopping: true }),
      // Not `enabled-runtime`, which lasts until the next boot.
      enabled: isFixed || fileState === 'enabled',
      ...(isFixed && { isFixed }),
      ...(fileState === 'indirect' && { isIndirect: true }),
    };
  },
};

/** A systemd service. */
export function serviceState(name: string): FactRef<ServiceState> {
  return factRef(serviceFact, { name });
}

/**
 * A world in which a task brings a service to another state. What is asked by another of its names is the same service; those that
 * systemd may start or stop with it are unknown until the task has run.
 * @param moves what the task does to it, for a job both: it ends by itself
 */
export function withServiceState(
  world: World,
  name: string,
  state: ServiceState,
  moves: readonly ('start' | 'stop')[],
): World {
  const { id = unitOf(name), ...before } = world.get(serviceState(name));
  const started = new Set(moves.includes('start') ? before.starts : []);
  const stopped = new Set([
    ...(moves.includes('start') ? (before.conflicts ?? []) : []),
    ...(moves.includes('stop') ? (before.stops ?? []) : []),
  ]);
  return world.mapFact(serviceFact, (other, found) => {
    if (found instanceof Unknown) return found;
    const otherId = found.id ?? unitOf(other.name);
    if (otherId === id) return state;
    return (found.running ? stopped : started).has(otherId) ? new Unknown(`service ${name}`) : found;
  });
}

/** Where systemd looks for the files of units. */
const UNIT_FILE = /^\/(?:etc|run|usr\/local\/lib|usr\/lib|lib)\/systemd\/system\/([^/]+\.[a-z]+)$/;

/** A world in which a task writes a file: a service that it may describe, and that did not exist, is unknown until the task has run. */
export function withUnitFile(world: World, path: string): World {
  const unit = UNIT_FILE.exec(path)?.[1];
  if (unit === undefined) return world;
  return world.mapFact(serviceFact, (other, found) => {
    if (found instanceof Unknown || found.exists) return found;
    const name = unitOf(other.name);
    return unit === name || unit === name.replace(/@.*\./, '@.') ? new Unknown(`copy ${path}`) : found;
  });
}

function unitOf(name: string): string {
  return /\.(service|socket|timer|target|mount|path|slice|scope|swap|automount|device)$/.test(name)
    ? name
    : `${name}.service`;
}
