import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware, NextAuthHandler, ParsedKey } from 'ssh2';
import type { Secret } from '../../core/secret.ts';
import { shortened } from '../../core/shortened.ts';
import { type AgentOptions, guardedAgent, Sha1Refused } from './guarded-agent.ts';
import { hasCertificate } from './key-file.ts';
import type { LoadedKey } from './key-ring.ts';

/** The credentials of a user, in the order in which they are tried. */
export interface Credentials {
  readonly keys: readonly LoadedKey[];
  readonly password: Secret | undefined;
  readonly agent: AgentAccess | undefined;
  /** No key is named, not even one that only the agent has. */
  readonly keysAreDefaults: boolean;
  /** Whether keys may sign with SHA-1, for an sshd that supports nothing better. */
  readonly sha1: boolean;
}

/** An SSH agent, and which of its keys are offered. */
export interface AgentAccess {
  /** Path of its socket. */
  readonly socket: string;
  /** Public halves of the named keys with which only the agent can sign: these come first. */
  readonly named: readonly Buffer[];
  /** Those of keys in files, which come next: behind many others of an agent they would come too late for the sshd. */
  readonly files: readonly Buffer[];
  /** Nothing but these is offered (`IdentitiesOnly`). */
  readonly onlyNamed: boolean;
}

/** The connection of a login. */
interface Login {
  readonly ssh2: typeof import('ssh2');
  /** Timeout of each answer of an agent. */
  readonly timeoutMs: number;
  readonly isOver: () => boolean;
  /** Receives exceptions that ssh2 throws when it is given an answer of an agent. */
  readonly onBroken: (error: unknown) => void;
}

interface Attempt {
  /** For display: `key ~/.ssh/id_ed25519 (ssh-ed25519)`. Only made for a login that fails. */
  readonly label: () => string;
  readonly method: (login: Login) => AnyAuthMethod;
  /** To the sshd, an agent's keys are public keys. */
  readonly type: AuthenticationType;
  readonly isOfAgent?: boolean;
  /** It was offered before, when the sshd did not accept this method yet. */
  readonly isAgain?: boolean;
}

/** How messages call the password, in `Authentication.tried`. */
export const PASSWORD = 'the password';

/** Limit on the line of a host's message that is kept, in characters. */
const MAX_SAID = 300;

/**
 * One login: offers credentials one by one, except those that the sshd does not accept anyway. The accepted methods are not requested
 * separately, which would cost a round trip. Nothing is offered twice, except what an sshd that wants several methods, one after another
 * (`AuthenticationMethods publickey,password`), has not looked at the first time.
 */
export class Authentication {
  readonly #tried: Attempt[] = [];
  /** Why keys or the agent were not used. */
  readonly problems = new Set<string>();
  /** The methods that the sshd accepts, from its first refusal. */
  accepted: readonly string[] | undefined;
  /** The last line that the host has told the user so far: a notice before the login, or why it lets nobody in. */
  said = '';
  /** There is a password, and the host is not sent it. */
  isPasswordWithheld = false;
  #left: Attempt[];
  #last: Attempt | undefined;
  #keysOffered = 0;
  /** The sshd has accepted the offer of one of its keys. */
  #hasAgentSigned = false;

  constructor(user: string, credentials: Credentials) {
    this.#left = attempts(user, credentials, {
      onProblem: (problem) => this.problems.add(problem),
      onSign: () => {
        this.#hasAgentSigned = true;
      },
      onOffer: (keys) => {
        this.#keysOffered += keys;
      },
    });
  }

  /** Offered credentials, for the message when all of them fail. */
  get tried(): readonly string[] {
    return this.#tried.map(({ label }) => label());
  }

  /** How many keys the host has been, or was to be, offered so far; 0 if it was offered the password last. */
  get keysOffered(): number {
    return this.#last?.type === 'publickey' ? this.#keysOffered : 0;
  }

  /** Leaves the password out, before the login: the host has shown another key than the known one. */
  withholdPassword(): void {
    const keys = this.#left.filter(({ type }) => type === 'publickey');
    if (keys.length === this.#left.length) return;
    this.#left = keys;
    this.isPasswordWithheld = true;
    this.problems.add('the password was not sent, because the host key is not the known one');
  }

  /** Records an error of ssh2 that may explain why a key was not used. */
  note(error: Error): void {
    if (error instanceof Sha1Refused) this.problems.add(error.reason);
  }

  /** Records a message of the host to the user (RFC 4252, section 5.4). */
  hear(message: string): void {
    const last = message
      .trimEnd()
      .split(/[\r\n]+/)
      .at(-1)
      ?.trim();
    if (last) this.said = shortened(last, MAX_SAID);
  }

  /** ssh2's `authHandler`. */
  handler(login: Login): AuthHandlerMiddleware {
    return (accepted, isPartial, next) => {
      const last = this.#last;
      if (accepted) this.accepted = accepted;
      if (accepted && last && !last.isOfAgent && !last.isAgain && !isPartial && !accepted.includes(last.type))
        this.#left.unshift({ ...last, isAgain: true });
      const accepting = this.#left.findIndex(({ type }) => !accepted || accepted.includes(type));
      // ssh2 does not pass on what the sshd says to keys of an agent: one that has signed may have been the first of several methods.
      const index = accepting < 0 && last?.isOfAgent && this.#hasAgentSigned ? 0 : accepting;
      const [attempt] = index < 0 ? [] : this.#left.splice(index, 1);
      this.#last = attempt;
      if (attempt) {
        if (!attempt.isAgain) this.#tried.push(attempt);
        if (attempt.type === 'publickey' && !attempt.isOfAgent && !attempt.isAgain) this.#keysOffered += 1;
        next(attempt.method(login));
      } else {
        // Missing in the types: false ends the login.
        (next as (method: Parameters<NextAuthHandler>[0] | false) => void)(false);
      }
    };
  }
}

/** What is heard of an agent. */
interface AgentEvents extends Pick<AgentOptions, 'onProblem' | 'onSign'> {
  /** Called with the number of its keys before they are offered. */
  readonly onOffer: (keys: number) => void;
}

function attempts(username: string, credentials: Credentials, events: AgentEvents): Attempt[] {
  const { password, agent: access, keysAreDefaults, sha1 } = credentials;
  const keyAttempt = ({ path, key }: LoadedKey): Attempt => {
    const usable = sha1 ? key : withoutSha1(key);
    const method = (): AnyAuthMethod => ({ type: 'publickey', username, key: usable });
    // ssh offers the certificate first.
    const without = (): string => (hasCertificate(path) ? ' without its certificate, which kplay cannot use' : '');
    return { label: () => `key ${path} (${key.type})${without()}`, type: 'publickey', method };
  };
  const agent: Attempt[] = access ? [agentAttempt(username, access, sha1, events)] : [];
  const passwords: Attempt[] = password
    ? [
        {
          label: () => PASSWORD,
          type: 'password',
          method: () => ({ type: 'password', username, password: password.reveal() }),
        },
        {
          label: () => `${PASSWORD}, asked for by the host`,
          type: 'keyboard-interactive',
          method: () => keyboardInteractive(username, password),
        },
      ]
    : [];
  const named = credentials.keys.filter(({ isDefault }) => !isDefault).map(keyAttempt);
  // As with ssh behind the agent's, also where keys are named (at a jump host): an sshd accepts few attempts.
  const defaults = credentials.keys.filter(({ isDefault }) => isDefault).map(keyAttempt);
  const between = access?.onlyNamed && !keysAreDefaults ? [...agent, ...passwords] : [...passwords, ...agent];
  return [...named, ...between, ...defaults];
}

function agentAttempt(
  username: string,
  { socket, named, files, onlyNamed }: AgentAccess,
  sha1: boolean,
  events: AgentEvents,
): Attempt {
  const isAmong = (halves: readonly Buffer[], key: ParsedKey): boolean =>
    halves.some((half) => half.equals(key.getPublicSSH()));
  const onProblem = (problem: string): void => events.onProblem(`the agent at ${socket}: ${problem}`);
  const select = (keys: readonly ParsedKey[]): ParsedKey[] => {
    const first = keys.filter((key) => isAmong(onlyNamed ? named : [...named, ...files], key));
    if (onlyNamed && first.length === 0) onProblem('it holds none of the named keys');
    const selected = onlyNamed ? first : [...first, ...keys.filter((key) => !first.includes(key))];
    events.onOffer(selected.length);
    return selected;
  };
  return {
    label: () => (onlyNamed ? 'the named keys of the agent' : 'the keys of the agent'),
    type: 'publickey',
    isOfAgent: true,
    method: ({ ssh2, ...login }) => ({
      type: 'agent',
      username,
      agent: guardedAgent(ssh2, socket, { ...login, ...events, sha1, select, onProblem }),
    }),
  };
}

const withoutSha1Keys = new WeakMap<ParsedKey, ParsedKey>();

/** The same key, but never signing with SHA-1. One for each key, because ssh2 remembers keys by identity. */
function withoutSha1(key: ParsedKey): ParsedKey {
  if (key.type !== 'ssh-rsa') return key;
  const known = withoutSha1Keys.get(key);
  if (known) return known;
  const copy: ParsedKey = Object.create(key, {
    sign: {
      value: (data: Buffer, hash?: string) =>
        hash === 'sha1' || hash === undefined ? new Sha1Refused() : key.sign(data, hash),
    },
  });
  withoutSha1Keys.set(key, copy);
  return copy;
}

/** Answers the first hidden question with the password, and all others with nothing. */
function keyboardInteractive(username: string, password: Secret): AnyAuthMethod {
  let answered = false;
  return {
    type: 'keyboard-interactive',
    username,
    prompt: (_name, _instructions, _language, prompts, finish) => {
      finish(
        prompts.map(({ echo }) => {
          if (echo || answered) return '';
          answered = true;
          return password.reveal();
        }),
      );
    },
  };
}
