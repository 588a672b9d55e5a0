import { globTest } from '../../core/glob.ts';
import { isJsonArray, isJsonObject, type Json, type JsonObject, parseJson } from '../../core/json.ts';
import { shortened } from '../../core/shortened.ts';
import { LocalActionFailure } from './local-action-failure.ts';
import { request } from './request.ts';

/** A longer list is not judged by its first part. */
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_SHOWN = 5;

/**
 * Queries an alerting API and fails when an alert fires that is not allowed, or when the answer is not a list of alerts.
 * @param params as the schema of `alerts` defines them
 */
export async function checkAlerts(params: JsonObject, signal: AbortSignal): Promise<void> {
  const body = await request({ ...params, method: 'GET', status_code: 200 }, signal, MAX_BYTES);
  if (Buffer.byteLength(body) >= MAX_BYTES)
    throw new LocalActionFailure('the answer is longer than 8 MiB: ask for fewer alerts, with a filter in url');
  const { match = {}, allow = [] } = params;
  const labels = Object.entries(match as JsonObject);
  const allowed = (allow as readonly string[]).map((glob) => globTest(glob));
  const alerts = alertsIn(body);
  // Labels that alerts never have, such as those that Prometheus adds only when it sends them, would let every cluster pass.
  const unknown = labels.find(([name]) => !alerts.some((alert) => Object.hasOwn(alert.labels, name)));
  if (unknown && alerts.length > 0)
    throw new LocalActionFailure(`no alert in the answer has a label '${unknown[0]}', which match requires`);
  const firing = alerts.filter(
    (alert) =>
      alert.isFiring &&
      labels.every(([name, value]) => alert.labels[name] === value) &&
      !allowed.some((isAllowed) => isAllowed(alert.name)),
  );
  if (firing.length === 0) return;
  const names = [...new Set(firing.map(({ name }) => name))].sort();
  const shown = `${names.slice(0, MAX_SHOWN).join(', ')}${names.length > MAX_SHOWN ? ', …' : ''}`;
  throw new LocalActionFailure(
    firing.length === 1 ? `an alert is firing: ${shown}` : `${firing.length} alerts are firing: ${shown}`,
  );
}

interface Alert {
  readonly name: string;
  readonly labels: JsonObject;
  readonly isFiring: boolean;
}

/** The states for which it is known whether they fire; unknown ones are errors. */
const PROMETHEUS: Readonly<Record<string, boolean>> = { firing: true, pending: false, inactive: false };
/** A silenced or inhibited alert is suppressed. */
const ALERTMANAGER: Readonly<Record<string, boolean>> = { active: true, unprocessed: true, suppressed: false };

/**
 * Alerts from `/api/v1/alerts` of Prometheus or `/api/v2/alerts` of Alertmanager
 * (prometheus.io/docs/prometheus/latest/querying/api/#alerts, Alertmanager's openapi.yaml).
 * @throws {LocalActionFailure} for anything else
 */
function alertsIn(body: string): readonly Alert[] {
  const answer = parseJson(body);
  const isManager = isJsonArray(answer);
  const list = isManager ? answer : prometheusList(answer);
  const alerts = list?.map((one) => (isManager ? managerAlert(one) : alertOf(one, one, PROMETHEUS)));
  if (!alerts || alerts.includes(undefined))
    throw new LocalActionFailure(
      'the answer is not a list of alerts, as from /api/v1/alerts of Prometheus and /api/v2/alerts of Alertmanager',
    );
  return alerts.flatMap((alert) => alert ?? []);
}

function prometheusList(answer: Json | undefined): readonly Json[] | undefined {
  if (!isJsonObject(answer)) return undefined;
  const { status, data, warnings = [] } = answer;
  if (status !== 'success' || !isJsonObject(data)) return undefined;
  // Prometheus, and tools such as Thanos that query several of them, warn when the answer is incomplete.
  if (!isJsonArray(warnings) || warnings.length > 0)
    throw new LocalActionFailure(
      `the list of alerts comes with a warning: ${shortened(JSON.stringify(warnings), 200)}`,
    );
  const { alerts } = data;
  return isJsonArray(alerts) ? alerts : undefined;
}

function managerAlert(one: Json): Alert | undefined {
  return isJsonObject(one) ? alertOf(one, one['status'] ?? null, ALERTMANAGER) : undefined;
}

/** @param holder the object with the alert's `state` */
function alertOf(one: Json, holder: Json, states: typeof PROMETHEUS): Alert | undefined {
  if (!isJsonObject(one) || !isJsonObject(holder)) return undefined;
  const labels = one['labels'] ?? null;
  const state = holder['state'];
  if (!isJsonObject(labels) || typeof state !== 'string') return undefined;
  const name = labels['alertname'];
  const isFiring = Object.hasOwn(states, state) ? states[state] : undefined;
  return typeof name === 'string' && isFiring !== undefined ? { name, labels, isFiring } : undefined;
}
