import { readFile, stat } from 'node:fs/promises';
import type { ParsedKey } from 'ssh2';
import type { Problems } from '../../core/diagnostic.ts';
import type { Secret } from '../../core/secret.ts';
import { describeFailure, isMissing } from '../../core/system-error.ts';
import type { HostSettings, IdentityFile, SshSettings } from '../settings/settings.ts';
import { agentKeys } from './guarded-agent.ts';
import { isEncrypted, isOnToken, loadParser, privateKey, publicHalf, publicHalfBeside, publicKey } from './key-file.ts';

/** Options of opening keys. */
export interface KeyRingOptions {
  /** The user id of the process, if the system has one. */
  readonly uid?: number;
  /** Path of an SSH agent's socket. It is asked which keys it holds where a file alone is not enough to sign. */
  readonly agentSocket?: string;
  /** Keys that cannot be used without a passphrase or an agent are left alone: no connection will be made. */
  readonly skipsEncrypted: boolean;
  /** Asks the user for the passphrase of a key; `attempt` counts from 1. Undefined: the user gives none. */
  readonly askPassphrase?: (path: string, attempt: number) => Promise<Secret | undefined>;
}

/** A private key, ready for signing. */
export interface LoadedKey {
  readonly path: string;
  readonly key: ParsedKey;
  /** One of the default files, that is, not named. */
  readonly isDefault: boolean;
}

/** What was found out about an identity file: its key, or which key an agent may hold for it. */
interface Identity {
  readonly key?: ParsedKey | undefined;
  readonly publicHalf?: Buffer | undefined;
}

const PASSPHRASE_ATTEMPTS = 3;

/** The keys of a run, each read and opened once, before any connection. */
export class KeyRing {
  readonly #identities: ReadonlyMap<string, Identity>;

  private constructor(identities: ReadonlyMap<string, Identity>) {
    this.#identities = identities;
  }

  /**
   * Reads every key that the settings name. A named key that cannot be used is an error; a default one is left out, with a
   * warning if the user may wonder.
   */
  static async load(settings: readonly HostSettings[], options: KeyRingOptions, problems: Problems): Promise<KeyRing> {
    const identities = new Map<string, Identity>();
    const agent = new Agent(options);
    const inOrder = [...wantedKeys(settings)].sort(
      (a, b) => Number(a.identity.isDefault) - Number(b.identity.isDefault),
    );
    for (const each of inOrder) {
      const identity = await loadIdentity(each, agent, options, problems);
      if (identity) identities.set(each.identity.path, identity);
    }
    return new KeyRing(identities);
  }

  /** The keys to offer to a host, in the order of its settings. */
  keysOf({ identities }: Pick<SshSettings, 'identities'>): readonly LoadedKey[] {
    return identities.flatMap(({ path, isDefault }) => {
      const key = this.#identities.get(path)?.key;
      return key ? [{ path, key, isDefault }] : [];
    });
  }

  /** The public halves of a host's other keys, with which only an agent can sign. */
  keysForAgent({ identities }: Pick<SshSettings, 'identities'>): readonly Buffer[] {
    return identities.flatMap(({ path }) => this.#identities.get(path)?.publicHalf ?? []);
  }
}

interface Wanted {
  readonly identity: IdentityFile;
  readonly passphrase: Secret | undefined;
  /** Passphrases of other keys of hosts that try it at their jump hosts. That none of them opens it means nothing. */
  readonly others: readonly Secret[];
  /** On some host no other key of an agent may be offered. */
  readonly only: boolean;
  /** A default key that is only tried at jump hosts, behind others: nobody is bothered with it. */
  readonly isFallback: boolean;
}

/** What the hosts say together about each key. */
function wantedKeys(settings: readonly HostSettings[]): Iterable<Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const host of settings) {
    if (host.transport !== 'ssh') continue;
    for (const use of usesOf(host)) {
      const { identity, passphrase, others, only, isFallback } = use;
      const known = wanted.get(identity.path) ?? { ...use, others: [] };
      // One host may name what is a default of another; whichever has a passphrase for it gives it for all.
      const isNearer = rankOf(identity, isFallback) < rankOf(known.identity, known.isFallback);
      wanted.set(identity.path, {
        identity: isNearer ? identity : known.identity,
        passphrase: isNearer ? (passphrase ?? known.passphrase) : (known.passphrase ?? passphrase),
        others: [...known.others, ...others],
        only: only || known.only,
        isFallback: isFallback && known.isFallback,
      });
    }
  }
  return wanted.values();
}

/** What one host says about each key. */
function usesOf({ identities, jumps, jumpIdentities, passphrase, identitiesOnly: only }: SshSettings): Wanted[] {
  const forJumps = jumps.length > 0 ? jumpIdentities.filter((identity) => !identities.includes(identity)) : [];
  return [...identities, ...forJumps].map((identity) => {
    const isFallback = identity.isDefault && !identities.includes(identity);
    // What a host says of its own keys must not count for the default key of another.
    return isFallback
      ? { identity, passphrase: undefined, others: passphrase ? [passphrase] : [], only: false, isFallback }
      : { identity, passphrase, others: [], only, isFallback };
  });
}

/** Low for a key that a host names, high for one that may not even be tried. */
function rankOf({ isDefault }: IdentityFile, isFallback: boolean): number {
  return Number(isDefault) + Number(isFallback);
}

/** The keys in the agent, which is asked at most once. One that does not answer holds none. */
class Agent {
  readonly #socket: string | undefined;
  #keys: Promise<readonly Buffer[]> | undefined;

  constructor({ agentSocket }: KeyRingOptions) {
    this.#socket = agentSocket;
  }

  async holdsAny(): Promise<boolean> {
    return (await this.#held()).length > 0;
  }

  async holds(key: Buffer | undefined): Promise<boolean> {
    return key !== undefined && (await this.#held()).some((held) => held.equals(key));
  }

  #held(): Promise<readonly Buffer[]> {
    this.#keys ??= this.#socket === undefined ? Promise.resolve([]) : agentKeys(this.#socket);
    return this.#keys;
  }
}

async function loadIdentity(
  wanted: Wanted,
  agent: Agent,
  options: KeyRingOptions,
  problems: Problems,
): Promise<Identity | undefined> {
  const { identity, isFallback } = wanted;
  const { path } = identity;
  const complain = (what: string, hint: string): undefined => {
    if (isFallback) return;
    if (identity.isDefault) problems.warning(`${what}; it is not used`, undefined, hint);
    else problems.error(what, identity.range, hint);
  };
  const parse = await loadParser();
  const text = await readKey(identity, complain);
  if (text === 'missing') {
    const beside = await publicHalfBeside(parse, path);
    const isAssumed = options.skipsEncrypted || (identity.isDefault && !isFallback);
    if (beside && (isAssumed || (await agent.holds(beside)))) return { publicHalf: beside };
    if (!identity.isDefault) complain(`there is no private key ${path}`, READ_HINT);
    return undefined;
  }
  if (text === undefined) return undefined;
  if (isOnToken(text)) return complain(`${path} is a key on a FIDO token, which kplay cannot use`, 'name another key');
  const onlyPublic = publicKey(parse, text);
  if (onlyPublic) {
    if (options.skipsEncrypted || (await agent.holds(onlyPublic))) return { publicHalf: onlyPublic };
    return complain(
      `${path} is a public key, and no agent holds its private half`,
      'name the private key, or load it into an agent (SSH_AUTH_SOCK)',
    );
  }
  if (await isOpen(identity, options, complain)) return undefined;
  if (isEncrypted(text)) return loadEncrypted(wanted, text, agent, options, problems);
  const key = privateKey(parse, text, undefined);
  return key ? { key } : complain(`${path} is not a usable private key`, conversionHint(path));
}

async function loadEncrypted(
  wanted: Wanted,
  text: string,
  agent: Agent,
  options: KeyRingOptions,
  problems: Problems,
): Promise<Identity | undefined> {
  const { passphrase, others, isFallback } = wanted;
  const { path, range, isDefault } = wanted.identity;
  const parse = await loadParser();
  // Most hosts of a fleet have the same one, and each attempt takes half a second.
  for (const each of new Set([passphrase, ...others].map((one) => one?.reveal()))) {
    const key = privateKey(parse, text, each);
    if (key) return { key };
  }
  if (passphrase && !isDefault) {
    problems.error(`the passphrase does not decrypt ${path}`, range, 'check ansible_ssh_private_key_passphrase');
    return undefined;
  }
  const half = await publicHalf(parse, text, path);
  // Named to an agent that does not hold it, it would be said to be missing there.
  if (isFallback) return !options.skipsEncrypted && (await agent.holds(half)) ? { publicHalf: half } : undefined;
  return (await isLeftToAgent(wanted, half, agent, options))
    ? { publicHalf: half }
    : decrypt(wanted, text, agent, options, problems);
}

/** Whether an encrypted key needs no passphrase, because an agent holds it or may hold it. */
async function isLeftToAgent(
  { identity, only }: Wanted,
  half: Buffer | undefined,
  agent: Agent,
  { skipsEncrypted }: KeyRingOptions,
): Promise<boolean> {
  if (skipsEncrypted || (await agent.holds(half))) return true;
  // The agent's other keys are offered as well, so a key that nobody has named is not worth a question.
  return !only && (half === undefined || identity.isDefault) && (await agent.holdsAny());
}

/** Opens an encrypted key with a passphrase that the user is asked for. */
async function decrypt(
  { identity, only }: Wanted,
  text: string,
  agent: Agent,
  { askPassphrase }: KeyRingOptions,
  problems: Problems,
): Promise<Identity | undefined> {
  const { path, range, isDefault } = identity;
  const parse = await loadParser();
  for (let attempt = 1; askPassphrase && attempt <= PASSPHRASE_ATTEMPTS; attempt += 1) {
    const given = await askPassphrase(path, attempt);
    if (!given) break;
    const key = privateKey(parse, text, given.reveal());
    if (key) return { key };
  }
  const what = `the private key ${path} is encrypted, and no passphrase decrypts it`;
  const hint = `ssh-add ${path}, or set ansible_ssh_private_key_passphrase`;
  if (isDefault) problems.warning(`${what}; it is not used`, undefined, hint);
  // Another key of the agent may do.
  else if (!only && (await agent.holdsAny())) problems.warning(`${what}; it is not used`, range, hint);
  else problems.error(what, range, hint);
  return undefined;
}

type Complain = (what: string, hint: string) => undefined;

const READ_HINT = 'correct the path, or its permissions';

/** The text of a key file; undefined if it cannot be read, which is then a problem. */
async function readKey({ path }: IdentityFile, complain: Complain): Promise<string | 'missing' | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return 'missing';
    return complain(`cannot read the private key ${path}: ${describeFailure(error)}`, READ_HINT);
  }
}

/** Whether group or others have access to the file of a private key, which is then a problem: ssh refuses such keys. */
async function isOpen({ path }: IdentityFile, { uid: own }: KeyRingOptions, complain: Complain): Promise<boolean> {
  const { mode, uid } = await stat(path);
  if ((mode & 0o077) === 0 || (own !== undefined && own !== uid)) return false;
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  complain(`other users may read the private key ${path} (mode ${octal})`, `chmod 600 ${path}`);
  return true;
}

function conversionHint(path: string): string {
  return `other formats: ssh-keygen -p -f ${path} converts them`;
}
