import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { Change, PlanWarning, RefusePlan } from '../../core/plan.ts';
import { lastOutput, printed } from '../../core/program-output.ts';
import type { JsonSchemaObject, ValueOf } from '../../core/schema.ts';
import { sh } from '../../core/shell.ts';
import { defineStep, type Step, StepFailure, type WriteContext } from '../../core/step.ts';
import { type ServiceState, serviceState, withServiceState } from '../../facts/processes/service-state.ts';
import { unlessProvided } from './unless-provided.ts';

const schema = {
  type: 'object',
  properties: {
    name: {
      type: 'string',
      pattern: '^[A-Za-z0-9@:._\\\\][A-Za-z0-9@:._\\\\-]*$',
      description: 'unit of systemd',
      'x-any-word': true,
    },
    state: {
      enum: ['started', 'stopped', 'restarted', 'reloaded'],
      description: 'restarted and reloaded act each time; started and stopped only if needed',
    },
    enabled: { type: 'boolean', description: 'whether it starts at boot' },
  },
  required: ['name'],
  additionalProperties: false,
  'x-some-of': ['state', 'enabled'],
} as const satisfies JsonSchemaObject;

type Params = ValueOf<typeof schema>;

const step: Step<Params> = {
  name: 'service',
  summary: 'start, stop, restart, enable or disable a service',
  details:
    'Through systemctl. Afterwards it checks whether the service runs. A service runs when systemd calls ' +
    'it active, reloading or activating; that includes a service that keeps crashing and is restarted (auto-restart). ' +
    'To make sure that it answers, use wait_for after it. A job, which has ended when systemctl returns (Type=oneshot ' +
    'without RemainAfterExit), is started each time.',
  schema,
  examples: [
    { title: 'Running, now and after a reboot', task: 'service: { name: chronyd, state: started, enabled: true }' },
  ],
  // A restart, the start of a job and enabling an indirect unit are made each time: that they would be made again is no failure.
  isBestEffort: ({ kind, after }) => kind === 'restart' || (isJsonObject(after) && after['repeats'] === true),
  distrustsCommands: true,
  // Systemd starts and stops units with one another.
  needsFreshFacts: true,
  needs: ({ name }) => [serviceState(name)],
  plan(params, world, { isBehindCommand }) {
    const { name, state, enabled } = params;
    const current = world.get(serviceState(name));
    if (current.problem !== undefined && !isTemplate(name)) {
      return {
        action: 'refuse',
        code: 'no-systemd',
        reason: `systemd does not answer: ${current.problem}`,
        remedy: 'service needs systemd; if another program manages services, use command',
      };
    }
    const obstacle = unusable(params, current);
    if (obstacle && !isBehindCommand) return obstacle;
    const supposed = obstacle ? otherThan(params, current) : current;
    const [first, ...rest] = changesOf(params, supposed);
    const warned = { result: resultOf(params), ...(obstacle && { warnings: [unlessProvided(obstacle)] }) };
    if (!first) return { action: 'none', reason: reasonOf(params, current), ...warned };
    const { isStopping: _, ...steady } = supposed;
    const after = {
      ...steady,
      exists: true,
      running: state === undefined ? supposed.running : state !== 'stopped' && !supposed.isJob,
      enabled: supposed.isFixed ? supposed.enabled : (enabled ?? supposed.enabled),
    };
    return {
      action: 'change',
      changes: [first, ...rest],
      after: withServiceState(world, name, after, movesOf(params, supposed)),
      ...warned,
    };
  },
  async apply(context, params, { changes }) {
    const { name, state } = params;
    for (const planned of changes) await systemctl(context, verbOf(planned), name);
    const now = (await context.observe([serviceState(name)])).get(serviceState(name));
    // A job that fails makes systemctl fail.
    const isOver = now.isJob && state !== 'stopped';
    if (state !== undefined && !isOver && now.running !== (state !== 'stopped')) {
      throw new StepFailure('service-state', `${name} is ${now.running ? 'still running' : 'not running'}`, {
        remedy: `look at: systemctl status ${name}`,
      });
    }
    const isOld = now.isOutdated && changes.some((planned) => ['start', 'restart'].includes(verbOf(planned)));
    return { result: resultOf(params), ...(isOld && { warnings: [outdated(name)] }) };
  },
};

function outdated(name: string): PlanWarning {
  return {
    message: `${name} was started as its old unit file says: the file has changed since systemd read it`,
    remedy: 'run systemctl daemon-reload, with command, before the task that restarts it',
  };
}

/** What happens to it that systemd passes on to other units. One that is restarted and those that stop with it run again in the end. */
function movesOf({ state }: Params, { running, isJob }: ServiceState): readonly ('start' | 'stop')[] {
  if (state === 'stopped') return running ? ['stop'] : [];
  if (state === undefined || (state !== 'restarted' && running)) return [];
  return isJob ? ['start', 'stop'] : ['start'];
}

/** Why there is nothing to do. */
function reasonOf({ name, state, enabled }: Params, { running, isFixed }: ServiceState): string {
  const runs = running ? 'running' : 'stopped';
  if (enabled !== undefined && isFixed)
    return `${name} ${state === undefined ? '' : `is ${runs}, and `}starts only if another unit wants it`;
  return `${name} is ${state === undefined ? (enabled ? 'enabled' : 'disabled') : runs}`;
}

/** As Ansible registers it: a service that was restarted or reloaded is `started`. */
function resultOf({ name, state, enabled }: Params): JsonObject {
  return {
    name,
    ...(state !== undefined && { state: state === 'stopped' ? 'stopped' : 'started' }),
    ...(enabled !== undefined && { enabled }),
  };
}

/** Why systemd could not do what is wanted. */
function unusable({ name, state, enabled }: Params, current: ServiceState): RefusePlan | undefined {
  const { exists, loadError, isMasked, running } = current;
  if (isTemplate(name))
    return {
      ...missing(name),
      reason: `${name} is a template, which needs a name behind the @`,
      remedy: `name an instance of it: ${name.replace(/\.service$/, '')}NAME`,
    };
  if (!exists) return missing(name);
  if (loadError !== undefined)
    return unfit(
      `systemd cannot load the service ${name}: ${loadError}`,
      `find the error with systemctl status ${name}, and systemctl cat ${name}`,
      `Error loading unit file '${name}': ${loadError}`,
    );
  const isStarted = state === 'restarted' || (state !== undefined && state !== 'stopped' && !running);
  if (!isMasked || !(isStarted || enabled)) return undefined;
  return unfit(
    `the service ${name} is masked: systemd neither starts nor enables it`,
    `find out why somebody has masked it; then systemctl unmask ${name}`,
    `Unable to ${enabled ? 'enable' : 'start'} service ${name}: Unit ${name} is masked.`,
  );
}

function missing(name: string): RefusePlan {
  return {
    action: 'refuse',
    code: 'service-missing',
    reason: `the service ${name} does not exist`,
    remedy: 'install it first, or correct the name: systemctl list-unit-files',
    isFailure: true,
    result: { msg: `Could not find the requested service ${name}: host` },
  };
}

function unfit(reason: string, remedy: string, msg: string): RefusePlan {
  return { action: 'refuse', code: 'service-unusable', reason, remedy, isFailure: true, result: { msg } };
}

function isTemplate(name: string): boolean {
  return /@(\.[a-z]+)?$/.test(name);
}

async function systemctl(context: WriteContext, verb: string, name: string): Promise<void> {
  const result = await context.run(sh`"$(tool systemctl)" ${verb} ${name}`, { mayFail: true });
  if (result.exitCode === 0) return;
  const output = lastOutput(result);
  const why = result.timedOut
    ? 'systemctl did not end in time'
    : output.split('\n')[0] || `systemctl ended with ${result.exitCode}`;
  throw new StepFailure('script-failed', `Unable to ${verb} service ${name}: ${why}`, {
    details: printed(output),
    remedy: `look at: systemctl status ${name}, and journalctl -u ${name}`,
  });
}

export const service = defineStep(step);

/** The commands of systemctl, by the state to which they lead. */
const VERBS = {
  started: 'start',
  stopped: 'stop',
  restarted: 'restart',
  reloaded: 'reload',
  enabled: 'enable',
  disabled: 'disable',
} as const;

type ReachedState = keyof typeof VERBS;

function verbOf({ target, after }: Change): string {
  const verb = Object.entries(VERBS).find(([state]) => isJsonObject(after) && after['state'] === state)?.[1];
  if (verb === undefined) throw new Error(`a change of ${target} leads to no state of a service`);
  return verb;
}

function changesOf({ name, state, enabled }: Params, current: ServiceState): readonly Change[] {
  const changes: Change[] = [];
  // First, as in Ansible: a service that cannot be started now is still tried at the next boot.
  if (enabled !== undefined && enabled !== current.enabled && !current.isFixed)
    changes.push(enable(name, enabled, current));
  if (state === 'started' && !current.running) changes.push(start(name, current));
  if (state === 'stopped' && (current.running || current.isStopping)) changes.push(change('update', name, 'stopped'));
  if (state === 'restarted' || state === 'reloaded') changes.push(restart(name, state, current));
  return changes;
}

/** How a service may be once it is installed: in need of everything that is wanted, since nobody knows. */
function otherThan({ state, enabled }: Params, current: ServiceState): ServiceState {
  return { ...current, running: state === 'stopped', enabled: enabled === false };
}

function start(name: string, { isJob }: ServiceState): Change {
  return change('update', name, 'started', isJob);
}

/** A service that is not running has nothing to reload, and is started. */
function restart(name: string, state: 'restarted' | 'reloaded', current: ServiceState): Change {
  return state === 'reloaded' && !current.running ? start(name, current) : change('restart', name, state);
}

/** What is enabled indirectly is so each time where systemd does not tell that it was. */
function enable(name: string, enabled: boolean, { isIndirect }: ServiceState): Change {
  return change('update', name, enabled ? 'enabled' : 'disabled', isIndirect);
}

function change(kind: Change['kind'], name: string, to: ReachedState, repeats = false): Change {
  return {
    kind,
    target: name,
    before: null,
    after: { state: to, ...(repeats && { repeats }) },
    summary: to,
    disruptive: to !== 'enabled' && to !== 'started',
  };
}
