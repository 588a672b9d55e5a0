import { cached } from '../../core/cached.ts';
import { Problems } from '../../core/diagnostic.ts';
import { isJsonObject, type Json, type JsonObject, textOf } from '../../core/json.ts';
import { SourceFile } from '../../core/source.ts';
import { entry, type MappingTree, parseYaml, type Tree, treeToJson } from '../../core/yaml/yaml.ts';
import { type Certificate, readableCertificates, readCertificates } from '../../pki/certificate.ts';
import { contextFaultOf, isSet, withoutAuthority } from './kubeconfig-context.ts';
import type { Holding, KubeconfigShape } from './model.ts';
import { HIDDEN_LINE, HIDDEN_VALUE } from './raw-files.ts';

export interface ReadKubeconfig {
  readonly shape: KubeconfigShape;
  /** The certificate embedded for the user of the current context; absent if it is in a file, or missing. */
  readonly holding: Holding;
  /** The user of the current context has no credentials at all, a private key alone, or is not in the file. */
  readonly isAnonymous: boolean;
  /** Every user of the file with an embedded certificate. */
  readonly users: readonly KubeconfigUser[];
  /** The clusters that contexts of the file refer to. */
  readonly clusters: readonly KubeconfigCluster[];
}

export interface KubeconfigCluster {
  readonly name: string;
  /** The embedded CAs, one of which has to have signed the API server's certificate; absent: in a file, or missing. */
  readonly authorities: Holding;
  /** The path of the CA file, relative to the kubeconfig's directory. */
  readonly authorityFile?: string;
  /** The embedded certificates of the users of its contexts. */
  readonly clients: readonly Certificate[];
}

export interface KubeconfigUser {
  readonly name: string;
  readonly holding: Holding;
  /** The CAs of the clusters of this user's contexts. */
  readonly authorities: readonly Certificate[];
  /** The lines of the file, from 1, with its certificate and its key; undefined if they share lines with other data. */
  readonly lines: CredentialLines | undefined;
}

export interface CredentialLines {
  readonly certificate: number;
  readonly key: number;
}

/**
 * Parses a kubeconfig from its text without secrets.
 * @returns a reason instead if it is not an intelligible kubeconfig
 */
export const readKubeconfig = cached((text): ReadKubeconfig | { readonly unreadable: string } => {
  const problems = new Problems();
  const tree = parseYaml(new SourceFile('kubeconfig', text), problems, 'kubernetes');
  const root = tree && !problems.hasErrors ? treeToJson(tree) : undefined;
  if (!isJsonObject(root)) return { unreadable: UNINTELLIGIBLE };
  const contexts = named(root['contexts'], 'context');
  const users = named(root['users'], 'user');
  const clusters = named(root['clusters'], 'cluster');
  const currentName = textOf(root['current-context']) ?? '';
  const current = contexts.get(currentName) ?? [...contexts.values()][0];
  const user = textOf(current?.['user']);
  const cluster = textOf(current?.['cluster']);
  const target = clusters.get(cluster ?? '') ?? {};
  const holdings = new Map([...users].map(([name, credentials]) => [name, embedded(credentials, tree, name)]));
  const authorities = new Map([...clusters].map(([name, one]) => [name, authoritiesOf(one)]));
  const credentials = users.get(user ?? '') ?? {};
  const file = textOf(credentials['client-certificate']);
  const keyFile = isSet(credentials['client-key-data']) ? undefined : textOf(credentials['client-key']);
  const holding = holdings.get(user ?? '');
  const lines = tree && user !== undefined ? credentialLines(tree, user) : undefined;
  return {
    shape: {
      user,
      cluster,
      ...serverOf(target),
      method: holding ? 'embedded' : file !== undefined ? 'files' : 'other',
      ...(file !== undefined && !holding && { certificateFile: file }),
      ...(keyFile !== undefined && { keyFile }),
      contexts: [...contexts.keys()],
      ...withoutAuthority(text, target),
      ...contextFaultOf(text, currentName, { contexts, users, clusters }),
      ...(lines && { lines }),
    },
    holding: holding ?? { state: 'absent' },
    isAnonymous: Object.keys(credentials).every((name) => KEY_KEYS.includes(name)),
    users: [...holdings].flatMap(([name, own]) => {
      if (!own) return [];
      const lines = tree && credentialLines(tree, name);
      return [{ name, holding: own, authorities: trustedFor(name, contexts, authorities), lines }];
    }),
    clusters: [...clusters].flatMap(([name, one]): readonly KubeconfigCluster[] => {
      const joined = [...contexts.values()].filter((context) => context['cluster'] === name);
      const authorityFile = textOf(one['certificate-authority']);
      return joined.length === 0
        ? []
        : [
            {
              name,
              authorities: authorities.get(name) ?? { state: 'absent' },
              ...(authorityFile !== undefined && { authorityFile }),
              clients: joined.flatMap((context) => certificateOf(holdings.get(textOf(context['user']) ?? ''))),
            },
          ];
    }),
  };
});

/** How the API server of a cluster is reached. As in client-go its name is `tls-server-name`, else the host in its address. */
function serverOf(cluster: JsonObject): Pick<KubeconfigShape, 'server' | 'serverName' | 'isProxied'> {
  const proxied = 'proxy-url' in cluster ? ({ isProxied: true } as const) : {};
  const server = textOf(cluster['server']);
  if (server === undefined || server === HIDDEN_VALUE) return { server: undefined, ...proxied };
  if (cluster['insecure-skip-tls-verify'] === true || !URL.canParse(server)) return { server, ...proxied };
  const name = textOf(cluster['tls-server-name']) ?? new URL(server).hostname;
  return name === HIDDEN_VALUE
    ? { server, ...proxied }
    : { server, serverName: name.replace(/^\[|\]$/g, ''), ...proxied };
}

/** A damaged file cannot be told from one in a form that components do read, such as JSON: its text stays on the host. */
export const UNINTELLIGIBLE = 'it is no kubeconfig in the form that kubeadm writes';

/** Why a kubeconfig is not understood that names no user, or one with nothing that is known: of keys in quotes nothing leaves the host. */
export const ANONYMOUS = 'no user with credentials is found in it (kplay reads the form that kubeadm writes)';

/** Whether a kubeconfig may hold certificates although none is found. One whose current user is gone may still have others. */
export function mayHideUsers({ isAnonymous, shape, users }: ReadKubeconfig): boolean {
  return isAnonymous && shape.user !== undefined && users.length === 0;
}

/** Undefined if there is none: client-go takes empty data for none. */
function embedded(credentials: JsonObject, tree: Tree | undefined, user: string): Holding | undefined {
  const data = textOf(credentials['client-certificate-data']) ?? '';
  if (data === '')
    return tree && isBelow(tree, user)
      ? { state: 'unreadable', reason: 'its client-certificate-data is not on one line, as kubeadm writes it' }
      : undefined;
  const holding = decoded(data);
  return holding.state === 'absent'
    ? { state: 'unreadable', reason: 'there is no PEM certificate in its client-certificate-data' }
    : holding;
}

/** The data come first: they take precedence over a file. */
const CERTIFICATE_KEYS = ['client-certificate-data', 'client-certificate'];
const KEY_KEYS = ['client-key-data', 'client-key'];

/** The lines of a user's certificate and key, if each has its own line: then they can be replaced on the host. */
function credentialLines(tree: Tree, user: string): CredentialLines | undefined {
  const fields = fieldsOf(tree, user);
  if (!fields) return undefined;
  const certificate = soleLine(fields, CERTIFICATE_KEYS);
  const key = soleLine(fields, KEY_KEYS);
  return certificate !== undefined && key !== undefined && certificate !== key ? { certificate, key } : undefined;
}

function fieldsOf(tree: Tree, user: string): MappingTree | undefined {
  const users = tree.kind === 'mapping' ? entry(tree, 'users')?.value : undefined;
  const item = users?.kind === 'sequence' ? users.items.find((candidate) => nameOf(candidate) === user) : undefined;
  const fields = item?.kind === 'mapping' ? entry(item, 'user')?.value : undefined;
  return fields?.kind === 'mapping' ? fields : undefined;
}

/** Whether the embedded certificate of a user is on the lines below its key: these have stayed on the host. */
function isBelow(tree: Tree, user: string): boolean {
  const found = fieldsOf(tree, user)?.entries.find(({ key }) => key === CERTIFICATE_KEYS[0]);
  if (!found) return false;
  const { file, start } = found.keyRange;
  return file.line(file.position(start).line + 1) === HIDDEN_LINE;
}

function nameOf(tree: Tree): string | undefined {
  const name = tree.kind === 'mapping' ? entry(tree, 'name')?.value : undefined;
  return name?.kind === 'scalar' ? String(name.value) : undefined;
}

/** The line of the first of these keys that there is, if its `key: value` has its own line. */
function soleLine(fields: MappingTree, keys: readonly string[]): number | undefined {
  const [found] = keys.flatMap((key) => entry(fields, key) ?? []);
  if (!found) return undefined;
  const { file, start } = found.keyRange;
  const { line, column } = file.position(start);
  const text = file.line(line);
  const alone =
    /^[ -]*$/.test(text.slice(0, column - 1)) &&
    /^[A-Za-z-]+: *(["']?)[A-Za-z0-9+/=_.-]+\1\s*$/.test(text.slice(column - 1));
  return alone || /^[A-Za-z-]+: *\/\S* *$/.test(text.slice(column - 1)) ? line : undefined;
}

function trustedFor(
  user: string,
  contexts: ReadonlyMap<string, JsonObject>,
  authorities: ReadonlyMap<string, Holding>,
): readonly Certificate[] {
  return [...contexts.values()].flatMap((context) =>
    context['user'] === user ? certificatesIn(authorities.get(textOf(context['cluster']) ?? '')) : [],
  );
}

/** The position among the embedded keys of a kubeconfig, from 0, of the one on a line, from 1; undefined if there is none on it. */
export function embeddedKeyAt(text: string, line: number): number | undefined {
  const isKey = (one: string): boolean => /^ *(- )?client-key-data:/.test(one);
  const until = text.split('\n').slice(0, line);
  return isKey(until[line - 1] ?? '') ? until.filter(isKey).length - 1 : undefined;
}

/** The position of the key of a kubeconfig's own user among the embedded ones; undefined if there is none, or it is unknown. */
export function ownKeyAt({ lines }: KubeconfigShape, text: string, halves: readonly string[]): number | undefined {
  if (lines) return embeddedKeyAt(text, lines.key);
  return halves.length < 2 ? 0 : undefined;
}

/** The public half of the key of a kubeconfig's own user; undefined if no key is embedded for that one. */
export function ownHalf(shape: KubeconfigShape, text: string, halves: readonly string[]): string | undefined {
  const at = ownKeyAt(shape, text, halves);
  if (at !== undefined) return halves[at];
  return shape.lines ? undefined : 'unknown';
}

/** The content of a text with PEM blocks. */
export const holdingOf = cached((pem): Holding => held(() => readCertificates(pem)));

/** The same for CAs: client-go passes over those that it cannot read as long as there is another one (x509, AppendCertsFromPEM). */
export const trustedIn = cached((pem): Holding => {
  const readable = held(() => readableCertificates(pem));
  return readable.state === 'present' ? readable : holdingOf(pem);
});

function held(read: () => readonly Certificate[]): Holding {
  try {
    const [certificate, ...chain] = read();
    return certificate ? { state: 'present', certificate, chain } : { state: 'absent' };
  } catch (error) {
    return { state: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Embedded data take precedence over a file (k8s.io/client-go, tools/clientcmd/api: "CertificateAuthorityData … Overrides
 * CertificateAuthority").
 */
function authoritiesOf(cluster: JsonObject): Holding {
  const data = textOf(cluster['certificate-authority-data']) ?? '';
  return data === '' || data === HIDDEN_VALUE ? { state: 'absent' } : decoded(data, trustedIn);
}

/** client-go reads nothing of a file in which any data are no base64, as where its padding was lost; Node passes over what is none. */
function decoded(data: string, read = holdingOf): Holding {
  const characters = data.replace(/[\r\n]+/g, '');
  const isBase64 = characters.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(characters);
  if (!isBase64 && data !== HIDDEN_VALUE)
    return { state: 'unreadable', reason: 'its data are not base64: nothing can load the file' };
  return read(Buffer.from(data, 'base64').toString('latin1'));
}

/** All certificates, in the order of the file; none if none can be read. While a CA is replaced a file contains the old and the new one. */
export function certificatesIn(holding: Holding | undefined): readonly Certificate[] {
  return holding?.state === 'present' ? [holding.certificate, ...holding.chain] : [];
}

function certificateOf(holding: Holding | undefined): readonly Certificate[] {
  return holding?.state === 'present' ? [holding.certificate] : [];
}

/** A kubeconfig's lists of `{ name, <kind>: {…} }`, by name. */
function named(list: Json | undefined, kind: string): ReadonlyMap<string, JsonObject> {
  const entries = new Map<string, JsonObject>();
  for (const item of Array.isArray(list) ? list : []) {
    const name = isJsonObject(item) ? textOf(item['name']) : undefined;
    const value = isJsonObject(item) ? item[kind] : undefined;
    if (name !== undefined) entries.set(name, isJsonObject(value) ? value : {});
  }
  return entries;
}
