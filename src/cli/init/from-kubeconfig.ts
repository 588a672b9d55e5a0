import { isIP } from 'node:net';
import { InputError, Problems } from '../../core/diagnostic.ts';
import { formatPosition, type SourceRange } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import { readTextFile } from '../../core/text-file.ts';
import { entry, type MappingTree, parseYaml, type ScalarTree, type Tree } from '../../core/yaml/yaml.ts';
import { groupNameProblem } from '../../inventory/names.ts';
import type { FoundHosts } from './inventory-text.ts';

/**
 * The API server of a context, which is all that a kubeconfig contains about hosts. Only its contexts and clusters are read, and no message
 * shows its lines: they may contain secrets.
 * @param context default: the current one.
 */
export function hostOfKubeconfig(
  path: string,
  context: string | undefined,
  problems: Problems,
): FoundHosts | undefined {
  try {
    const root = rootOf(path, problems);
    return root && hostIn(path, root, context);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    for (const { message, hint } of error.diagnostics) problems.error(message, undefined, hint);
    return undefined;
  }
}

function rootOf(path: string, problems: Problems): MappingTree | undefined {
  const source = readTextFile(path, 'kubeconfig', problems, { named: ['--kubeconfig'] });
  if (!source) return undefined;
  const broken = new Problems();
  const root = parseYaml(source, broken, 'kubernetes');
  const [first] = broken.all.filter(({ severity }) => severity === 'error');
  if (first) return wrong(first.range, 'this is no YAML', path, 'kubectl config view --kubeconfig FILE reads it, too');
  if (root?.kind !== 'mapping' || !entry(root, 'clusters'))
    return wrong(root?.range, 'this is not a kubeconfig', path, 'a kubeconfig has clusters, contexts and users');
  return root;
}

function hostIn(path: string, root: MappingTree, wanted: string | undefined): FoundHosts {
  const contexts = named(root, 'contexts', 'context');
  const current = entry(root, 'current-context')?.value;
  const name = wanted ?? (current?.kind === 'scalar' && current.value !== '' ? String(current.value) : undefined);
  const only = contexts.size === 1 ? [...contexts.values()][0] : undefined;
  const context = name === undefined ? only : contexts.get(name);
  const range = wanted === undefined ? current?.range : entry(root, 'contexts')?.keyRange;
  if (!context) {
    const hint = suggestion(name ?? '', contexts.keys(), 'choose one with --context; there are');
    return wrong(
      range,
      name === undefined ? 'there is no current context' : `there is no context '${name}'`,
      path,
      hint,
    );
  }
  const cluster = scalar(context, 'cluster');
  const target = cluster && named(root, 'clusters', 'cluster').get(String(cluster.value));
  if (!cluster || !target)
    return wrong(cluster?.range ?? context.range, 'this context names no cluster of the file', path);
  const server = scalar(target, 'server');
  if (!server) return wrong(target.range, `the cluster '${cluster.value}' has no server`, path);
  const host = hostOf(String(server.value));
  if (host === undefined) return wrong(server.range, 'this server is not a URL such as https://10.0.0.10:6443', path);
  if (/^(?:localhost|127\.\d+\.\d+\.\d+|::1|0\.0\.0\.0)$/.test(host))
    return wrong(
      server.range,
      `the server of this context is ${host}, which is not a master but this machine`,
      path,
      'name the masters: --masters m1,m2,m3',
    );
  return {
    masters: [{ name: host, vars: {} }],
    workers: [],
    ...clusterName(String(cluster.value)),
    remarks: [
      `From ${path}: a kubeconfig contains only the API address, not the masters.`,
      'If that is the address of a load balancer, or there are more masters, replace it by the masters, and add the workers.',
    ],
  };
}

/** `https://10.0.0.10:6443` */
function hostOf(server: string): string | undefined {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return undefined;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(host) === 0 && groupNameProblem(host) !== undefined ? undefined : host;
}

/** kubeadm's name for every cluster, so it distinguishes none. */
const EVERY_CLUSTER = 'kubernetes';

function clusterName(name: string): { readonly cluster?: string } {
  const isName = name !== EVERY_CLUSTER && groupNameProblem(name) === undefined;
  return isName && !isTaken(name) ? { cluster: name } : {};
}

/** Names of groups with another meaning. */
export function isTaken(group: string): boolean {
  return ['all', 'ungrouped', 'masters', 'workers'].includes(group);
}

function scalar(mapping: MappingTree, key: string): ScalarTree | undefined {
  const value = entry(mapping, key)?.value;
  return value?.kind === 'scalar' && value.value !== null ? value : undefined;
}

/** A list of `{ name, <kind>: {…} }`, by name. */
function named(root: MappingTree, key: string, kind: string): ReadonlyMap<string, MappingTree> {
  const list = entry(root, key)?.value;
  const items: readonly Tree[] = list?.kind === 'sequence' ? list.items : [];
  return new Map(
    items.flatMap((item) => {
      if (item.kind !== 'mapping') return [];
      const name = scalar(item, 'name');
      const value = entry(item, kind)?.value;
      return name && value?.kind === 'mapping' ? [[String(name.value), value] as const] : [];
    }),
  );
}

function wrong(range: SourceRange | undefined, message: string, path: string, hint?: string): never {
  throw InputError.of(`${range ? formatPosition(range) : path}: ${message}`, undefined, hint);
}
