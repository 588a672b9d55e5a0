import { createHash } from 'node:crypto';
import { CONNECTION_VARIABLES } from '../../core/connection-variables.ts';
import { Problems } from '../../core/diagnostic.ts';
import { endpointText } from '../../core/endpoint.ts';
import type { Host } from '../../core/host.ts';
import { canonicalJson, isJsonObject, type Json } from '../../core/json.ts';
import type { Located } from '../../core/source.ts';
import { becomeValues } from '../../engine/program/play-tasks.ts';
import { maskText } from '../../report/secrets/mask.ts';
import type { HostSettings } from '../../transport/settings/settings.ts';
import type { Environment } from '../environment.ts';
import type { Inputs } from '../inputs/inputs.ts';
import type { SavedPlan } from '../inputs/saved-plan.ts';
import { isSecretName } from '../inputs/secret-variables.ts';
import { privatePrompts } from '../inputs/var-prompts.ts';
import type { HostOptions } from '../options/host-options.ts';
import { connectionOptions, settingsReader } from './connections.ts';

type Questions = Pick<Inputs['playbook'], 'plays'>;

/** What a saved plan binds its hosts to, whatever sets it: the inventory, arguments of ssh, options. */
export function plannedHosts(
  {
    hosts,
    delegates,
    plays,
    playbook,
    connectionVars,
  }: Pick<Inputs, 'hosts' | 'delegates' | 'plays' | 'connectionVars'> & { readonly playbook: Questions },
  options: Partial<HostOptions>,
  environment: Pick<Environment, 'user' | 'home'>,
): SavedPlan['hosts'] {
  // What is wrong with them is reported where connections are prepared.
  const settings = settingsReader({ connectionVars }, options, connectionOptions(options, environment), new Problems());
  const accounts = new Map<string, Set<string>>();
  for (const play of plays)
    for (const become of becomeValues(play))
      for (const host of [...play.hosts.map((member) => member.host), ...delegates])
        accounts.set(host.name, (accounts.get(host.name) ?? new Set()).add(accountIn(settings(host, become))));
  const variablesOf = variablesDigester(publicAnswers(playbook, plays));
  return Object.fromEntries(
    [...hosts, ...delegates].map((host) => [
      host.name,
      {
        address: addressIn(settings(host, undefined)),
        account: [...(accounts.get(host.name) ?? [])].sort().join(' and '),
        ...(host.cluster !== undefined && { cluster: host.cluster }),
        variables: variablesOf(host),
      },
    ]),
  );
}

/** Where it is, with the jump hosts before it, in words: `10.0.0.1:22`. */
function addressIn(settings: HostSettings): string {
  if (settings.transport === 'local') return `this machine${settings.rootfs}`;
  const { target, jumps, rootfs } = settings;
  const way = jumps.length === 0 ? '' : ` through ${jumps.map(endpointText).join(', ')}`;
  return `${endpointText(target)}${rootfs}${way}`;
}

/** As whom tasks act there. On this machine it is whoever runs kplay: the jobs that plan and apply may run on different ones. */
function accountIn(settings: HostSettings): string {
  if (settings.become) return 'root';
  return settings.transport === 'local' ? 'the user of kplay' : settings.target.user;
}

/** They say how a host is reached, when its cluster may be changed, and where the inventory is on this machine. */
const NOT_BOUND = new Set([...CONNECTION_VARIABLES, 'kplay_cluster', 'inventory_dir', 'inventory_file']);

/** What was answered to the questions of plays (`vars_prompt`) that are not private. */
function publicAnswers(playbook: Questions, plays: Inputs['plays']): Json {
  const hidden = new Set(privatePrompts(playbook.plays));
  return playbook.plays.flatMap(({ varsPrompt }, index) =>
    varsPrompt.flatMap((prompt) => {
      const answer = plays[index]?.vars.get(prompt.name.value);
      return hidden.has(prompt) || isSecretName(prompt.name.value) || answer?.kind !== 'constant' ? [] : [answer.value];
    }),
  );
}

/** Digests the variables and groups of hosts, without secrets, and what was answered. Hosts share the values of their groups. */
function variablesDigester(answers: Json): (host: Host) => string {
  const texts = new Map<Located<Json>, string>();
  const textOf = (variable: Located<Json>): string => {
    const text = texts.get(variable) ?? canonicalJson(withoutSecrets(variable.value));
    texts.set(variable, text);
    return text;
  };
  return ({ vars, groups }) => {
    const own = [...vars].filter(([name]) => !NOT_BOUND.has(name) && !isSecretName(name));
    const values = Object.fromEntries(own.map(([name, variable]) => [name, textOf(variable)]));
    return createHash('sha256')
      .update(canonicalJson([values, groups.toSorted(), answers]))
      .digest('hex');
  };
}

function withoutSecrets(value: Json): Json {
  if (typeof value === 'string') return maskText(value);
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isJsonObject(value)) return value;
  const visible = Object.entries(value).filter(([name]) => !isSecretName(name));
  return Object.fromEntries(visible.map(([name, member]) => [name, withoutSecrets(member)]));
}
