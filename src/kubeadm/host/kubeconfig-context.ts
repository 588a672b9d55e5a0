import { type Json, type JsonObject, textOf } from '../../core/json.ts';
import type { KubeconfigShape } from './model.ts';
import { HIDDEN_LINE, HIDDEN_VALUE } from './raw-files.ts';

/**
 * Why nothing can connect with a kubeconfig; empty if something can. client-go uses the current context only. kube-scheduler 1.33 ends at
 * once if there is none (`no configuration has been provided`), if no context has that name (`context was not found for specified
 * context`), and if a certificate or key of its cluster or user is given twice, in the file itself and as a path.
 */
export function contextFaultOf(
  text: string,
  name: string,
  lists: Readonly<Record<'contexts' | 'users' | 'clusters', ReadonlyMap<string, JsonObject>>>,
): Pick<KubeconfigShape, 'contextFault'> {
  // What has stayed on the host may be there: a whole line, or a name that may be any.
  if (text.split('\n').includes(HIDDEN_LINE)) return {};
  if (name === HIDDEN_VALUE || Object.values(lists).some((list) => list.has(HIDDEN_VALUE))) return {};
  if (name === '') return { contextFault: 'it has no current-context' };
  const context = lists.contexts.get(name);
  if (!context) return { contextFault: `its current-context is ${name}, which is not among its contexts` };
  for (const [kind, list] of [['cluster', lists.clusters] as const, ['user', lists.users] as const]) {
    const target = textOf(context[kind]) ?? '';
    if (!list.has(target))
      return {
        contextFault:
          target === ''
            ? `its current-context, ${name}, names no ${kind}`
            : `its current-context, ${name}, has the ${kind} ${target}, which is not in the file`,
      };
  }
  const [cluster, user] = [textOf(context['cluster']) ?? '', textOf(context['user']) ?? ''];
  const fault =
    clusterFault(cluster, lists.clusters.get(cluster) ?? {}) ?? userFault(user, lists.users.get(user) ?? {}, text);
  return fault === undefined ? {} : { contextFault: fault };
}

const CA = 'certificate-authority';
const CLIENT = 'client-certificate';
const KEY = 'client-key';

function clusterFault(name: string, cluster: JsonObject): string | undefined {
  const its = `cluster ${name}`;
  if (!isSet(cluster['server'])) return `its ${its} has no server`;
  const isUnchecked = cluster['insecure-skip-tls-verify'] === true;
  const given = [`${CA}-data`, CA].find((key) => isSet(cluster[key]));
  if (isUnchecked && given !== undefined) return `its ${its} has both ${given} and insecure-skip-tls-verify`;
  return bothFault(its, cluster, CA);
}

/** client-go looks at keys only where there is a certificate. */
function userFault(name: string, user: JsonObject, text: string): string | undefined {
  const its = `user ${name}`;
  const fault = bothFault(its, user, CLIENT);
  const hasCertificate = isSet(user[CLIENT]) || isSet(user[`${CLIENT}-data`]);
  // Of a key that is not on its line it is not known whether there is any.
  const isKeyKnown = !text.includes(`${HIDDEN_VALUE} #`);
  return fault ?? (hasCertificate && isKeyKnown ? bothFault(its, user, KEY) : undefined);
}

/** Whether a cluster has no CA although its server is to be verified: by those of the system then, wherever the file is read. */
export function withoutAuthority(text: string, cluster: JsonObject): Pick<KubeconfigShape, 'isWithoutAuthority'> {
  const isVerified =
    (textOf(cluster['server']) ?? '').startsWith('https://') && cluster['insecure-skip-tls-verify'] !== true;
  const isKnown = !text.split('\n').includes(HIDDEN_LINE);
  return isKnown && isVerified && !isSet(cluster[CA]) && !isSet(cluster[`${CA}-data`])
    ? { isWithoutAuthority: true }
    : {};
}

/** client-go says that the data in the file itself would override, and that the file is invalid. */
function bothFault(its: string, of: JsonObject, key: string): string | undefined {
  const keys = [`${key}-data`, key];
  return keys.every((one) => isSet(of[one])) ? `its ${its} has both ${keys.join(' and ')}` : undefined;
}

/** client-go takes an empty text for none. */
export function isSet(value: Json | undefined): boolean {
  return (textOf(value) ?? '') !== '';
}
